#define _GNU_SOURCE

#include "clocks.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * INT64_C(1000000000) + time.tv_nsec; }

int64_t stateline_clock_wall(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return nanoseconds(time);
}

int64_t stateline_clock_thread(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return nanoseconds(time);
}

int64_t stateline_memory_private(void) {
    long size = 0, resident = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld %ld", &size, &resident, &shared) != 3) resident = shared = 0;
    fclose(file);
    return (resident - shared) * (int64_t)sysconf(_SC_PAGESIZE);
}

int64_t stateline_peer_cpu_time(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
    return nanoseconds(time);
}

int stateline_peer_pin(pid_t thread, int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(thread, sizeof set, &set);
}
