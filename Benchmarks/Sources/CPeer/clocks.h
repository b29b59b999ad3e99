#pragma once

#include <stdint.h>

/// A clock that only goes on, in nanoseconds.
int64_t stateline_clock_wall(void);

/// The CPU time of the calling thread, in nanoseconds.
int64_t stateline_clock_thread(void);

/// The bytes of memory that are this process's alone.
int64_t stateline_memory_private(void);
