#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What Swift has no word for: a thread-local slot at a fixed offset, a prefetch, a comparison of eight words at once, a
// barrier for the compiler, and memory in large pages.

/// What a thread keeps of the epoch domain that it used last.
struct clockfree_thread {
    /// The domain's number; 0 for none.
    uint64_t domain;
    /// The thread's record in that domain.
    void *record;
    /// The first of all of the thread's records.
    void *records;
};

extern _Thread_local struct clockfree_thread clockfree_this_thread __attribute__((tls_model("initial-exec")));

/// The calling thread's slot: one load from the thread's own segment, where `pthread_getspecific` is a call.
static inline struct clockfree_thread *clockfree_thread(void) { return &clockfree_this_thread; }

/// Has a function called with the thread's records when the calling thread ends.
void clockfree_at_thread_exit(void (*ended)(void *records), void *records);

/// Zeroed memory on a boundary of 64 bytes, in pages of the common size; `NULL` where there is none.
void *clockfree_allocate(size_t bytes);

/// Lets the kernel back memory of 2 MiB or more by large pages: what has not been touched at the first touch, and the rest
/// in the background.
void clockfree_prefer_large_pages(void *memory, size_t bytes);

/// Gives back what `clockfree_allocate` gave.
void clockfree_free(void *memory, size_t bytes);

/// Gives the memory of freed objects back to the system, if the allocator can (`malloc_trim` of glibc).
void clockfree_trim(void);

/// Notes that the calling thread has released many small objects, and has the allocator merge their memory every 128.
///
/// glibc merges it at the next large allocation otherwise, which then takes some 0.3 us for each object: 1 s after 3.5
/// million. Of memory from other threads' arenas nothing is merged. Does nothing for other allocators.
void clockfree_note_released(size_t count);

/// Keeps the compiler from moving a retain of `object`, or any use of memory, to the other side.
///
/// To Swift's optimiser this is a call that may release anything, so a retain before it stays before it.
static inline void clockfree_keep(const void *object) { __asm__ volatile("" : : "r"(object) : "memory"); }

/// Asks for a line of memory that is going to be read.
static inline void clockfree_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Tells the processor that the thread waits for another one.
static inline void clockfree_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Takes one from a count that only the calling thread counts, and returns whether that leaves zero.
///
/// Another thread may set a bit of the word by an atomic operation, which is lost if it falls in between. One instruction
/// where a load, a comparison and a store are three; in assembler so that it is a data race in nobody's memory model.
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

/// Which of the eight words of a line have `tag` as their topmost 16 bits: bit 4 i + 3 stands for word i.
///
/// A hint: the words are not read at one instant, nor with any ordering, so whoever acts on one loads it again. It is
/// written in assembler so that it is a data race in nobody's memory model.
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
