#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Operations that Swift does not offer: a thread-local slot at a fixed offset, a prefetch, a comparison of eight words
// at once, a compiler barrier, and memory in large pages.

/// The thread-local slot: the epoch domain that the thread used last, and its records.
struct clockfree_thread {
    /// The domain's number; 0 for none.
    uint64_t domain;
    /// The thread's record in that domain.
    void *record;
    /// The first of all of the thread's records.
    void *records;
};

extern _Thread_local struct clockfree_thread clockfree_this_thread __attribute__((tls_model("initial-exec")));

/// Returns the calling thread's slot: one load from the thread's segment (`pthread_getspecific` would be a call).
static inline struct clockfree_thread *clockfree_thread(void) { return &clockfree_this_thread; }

/// Registers a function that is called with the thread's records when the calling thread ends.
void clockfree_at_thread_exit(void (*ended)(void *records), void *records);

/// Returns zeroed memory on a boundary of 64 bytes, in pages of the common size; `NULL` if there is none.
void *clockfree_allocate(size_t bytes);

/// Lets the kernel back memory of 2 MiB or more by large pages: untouched pages at their first touch, the others in the
/// background.
void clockfree_prefer_large_pages(void *memory, size_t bytes);

/// Suspends the calling thread for about a millisecond, so that another thread can use its processor.
void clockfree_rest(void);

/// Frees memory of `clockfree_allocate`.
void clockfree_free(void *memory, size_t bytes);

/// Returns the memory of freed objects to the system, if the allocator can (`malloc_trim` of glibc).
void clockfree_trim(void);

/// Counts small objects that the calling thread has released, and makes the allocator merge their memory every 128.
///
/// Otherwise glibc merges it at the next large allocation, which then takes some 0.3 us for each object: 1 s after 3.5
/// million. Memory of other threads' arenas is not merged. Does nothing for other allocators.
void clockfree_note_released(size_t count);

/// Keeps the compiler from moving a retain of `object`, or any access to memory, across this point.
///
/// To Swift's optimiser this is a call that may release any object, so a retain before it stays before it.
static inline void clockfree_keep(const void *object) { __asm__ volatile("" : : "r"(object) : "memory"); }

/// Prefetches a cache line that is going to be read.
static inline void clockfree_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Tells the processor that the thread waits for another one.
static inline void clockfree_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Decrements a count that only the calling thread changes, and returns true if the result is zero.
///
/// Another thread may set a bit of the word by an atomic operation, which is lost if it falls in between. This is one
/// instruction; a load, a comparison and a store would be three. It is written in assembler so that it is not a data
/// race in the memory model of C or Swift.
static inline bool clockfree_decrement(void *count) {
#if defined(__x86_64__)
    bool is_zero;
    __asm__ volatile("decq %0" : "+m"(*(int64_t *)count), "=@ccz"(is_zero));
    return is_zero;
#else
    int64_t less = __atomic_load_n((int64_t *)count, __ATOMIC_RELAXED) - 1;
    __atomic_store_n((int64_t *)count, less, __ATOMIC_RELAXED);
    return less == 0;
#endif
}

/// Returns a mask of the words of a line whose topmost 16 bits are `tag`: bit 4 i + 3 stands for word i.
///
/// The result is a hint: the words are not read at one instant, nor with any ordering, so the caller loads a word again
/// before it acts on it. It is written in assembler so that it is not a data race in the memory model of C or Swift.
static inline uint32_t clockfree_match(const void *line, uint16_t tag) {
#if defined(__x86_64__)
    typedef short v8 __attribute__((vector_size(16)));
    const v8 wanted = (v8){0} + (short)tag;
    v8 a = wanted, b = wanted, c = wanted, d = wanted;
    uint32_t low, high;
    __asm__ volatile(
        "pcmpeqw   (%6), %0\n\t"
        "pcmpeqw 16(%6), %1\n\t"
        "pcmpeqw 32(%6), %2\n\t"
        "pcmpeqw 48(%6), %3\n\t"
        "packsswb %1, %0\n\t"
        "packsswb %3, %2\n\t"
        "pmovmskb %0, %4\n\t"
        "pmovmskb %2, %5"
        : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "=r"(low), "=r"(high)
        : "r"(line));
    return (low | high << 16) & 0x88888888u;
#else
    const uint64_t *words = (const uint64_t *)line;
    uint32_t mask = 0;
    for (int i = 0; i < 8; i++) {
        if (__atomic_load_n(&words[i], __ATOMIC_RELAXED) >> 48 == tag) mask |= 8u << (4 * i);
    }
    return mask;
#endif
}
