#define _GNU_SOURCE
#include "CLockFree.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

_Thread_local struct clockfree_thread clockfree_this_thread __attribute__((tls_model("initial-exec")));

static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static void (*exit_function)(void *);

static void thread_ended(void *records) {
    // If another destructor still uses the map, it gets a new record.
    memset(&clockfree_this_thread, 0, sizeof clockfree_this_thread);
    __atomic_load_n(&exit_function, __ATOMIC_ACQUIRE)(records);
}

static void make_exit_key(void) {
    if (pthread_key_create(&exit_key, thread_ended) != 0) abort();
}

void clockfree_at_thread_exit(void (*ended)(void *), void *records) {
    __atomic_store_n(&exit_function, ended, __ATOMIC_RELEASE);
    pthread_once(&exit_once, make_exit_key);
    pthread_setspecific(exit_key, records);
}

enum { large_page = 2 << 20 };

static size_t rounded(size_t bytes) { return (bytes + large_page - 1) & ~(size_t)(large_page - 1); }

void *clockfree_allocate(size_t bytes) {
    if (bytes < large_page) {
        void *memory = NULL;
        if (posix_memalign(&memory, 64, bytes) != 0) return NULL;
        return memset(memory, 0, bytes);
    }
    // Maps one large page more than needed and unmaps both ends, so that the rest begins at a large page. The kernel
    // provides zeroed pages at their first touch: no thread waits for the whole table.
    size_t size = rounded(bytes);
    char *base = mmap(NULL, size + large_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    char *start = (char *)rounded((size_t)base);
    if (start > base) munmap(base, (size_t)(start - base));
    size_t after = (size_t)(base + large_page - start);
    if (after > 0) munmap(start + size, after);
#ifdef MADV_HUGEPAGE
    // The first touch of a page of 2 MiB takes 0.1 ms, and 4 to 6 ms in a virtual machine whose memory the host
    // provides on demand. A writer would wait for it.
    madvise(start, size, MADV_NOHUGEPAGE);
#endif
    return start;
}

void clockfree_prefer_large_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
    if (bytes >= large_page) madvise(memory, rounded(bytes), MADV_HUGEPAGE);
#endif
}

void clockfree_rest(void) {
    struct timespec duration = {.tv_sec = 0, .tv_nsec = 1000000};
    nanosleep(&duration, NULL);
}

void clockfree_free(void *memory, size_t bytes) {
    if (bytes < large_page) {
        free(memory);
    } else {
        munmap(memory, rounded(bytes));
    }
}

#if defined(__GLIBC__)
#include <malloc.h>
void clockfree_trim(void) { malloc_trim(0); }

// Freed chunks of up to 128 bytes wait unmerged in fast bins. An allocation of 1,024 bytes or more merges all chunks of
// its arena at once. This one is larger than what a thread caches, so that it always merges them.
enum { merging_size = 2048, released_between_merges = 128 };

void clockfree_note_released(size_t count) {
    static _Thread_local size_t released __attribute__((tls_model("initial-exec")));
    released += count;
    if (released < released_between_merges) return;
    released = 0;
    void *memory = malloc(merging_size);
    // Keeps the compiler from removing an allocation without a use.
    __asm__ volatile("" : : "r"(memory) : "memory");
    free(memory);
}
#else
void clockfree_trim(void) {}
void clockfree_note_released(size_t count) { (void)count; }
#endif
