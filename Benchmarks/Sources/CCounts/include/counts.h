/// What counts instructions and memory, and has no name in Swift.

#ifndef STATELINE_COUNTS_H
#define STATELINE_COUNTS_H

#include <stddef.h>

/// Tells callgrind to count from now on; does nothing without it.
void stateline_counts_start(void);

/// Tells callgrind to write what it counted since the start or the last time, and to go on from zero.
void stateline_counts_write(void);

/// Gives back to the system what the allocator keeps and nobody uses.
void stateline_counts_trim(void);

/// How many bytes are allocated, in all arenas.
size_t stateline_counts_allocated(void);

#endif
