#include "counts.h"

#include <stdlib.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>

void stateline_counts_start(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void stateline_counts_write(void) { CALLGRIND_DUMP_STATS; }
#else
void stateline_counts_start(void) {}
void stateline_counts_write(void) {}
#endif

#if defined(__GLIBC__)
#include <malloc.h>

void stateline_counts_trim(void) { malloc_trim(0); }

size_t stateline_counts_allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#else
void stateline_counts_trim(void) {}
size_t stateline_counts_allocated(void) { return 0; }
#endif
