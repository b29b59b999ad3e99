#pragma once

#include <stdint.h>

#include "peer.h"

/// The most threads of a peer.
enum { STATELINE_WORKERS = 2 };

/// Starts the threads, each of them on a core of its own.
void stateline_workers_start(const struct stateline_peer *peer);

/// Has the first threads each do a job once, all at the same time, and waits for them.
///
/// Returns the nanoseconds from the first start to the last end, and their CPU time summed in `cpu`.
int64_t stateline_workers_run(int threads, void (*job)(int thread, void *context), void *context, int64_t *cpu);

/// Ends the threads.
void stateline_workers_stop(void);
