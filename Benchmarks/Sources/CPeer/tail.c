#define _GNU_SOURCE

#include "tail.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "clocks.h"
#include "histogram.h"
#include "workers.h"

static struct tail {
    const struct stateline_peer *peer;
    int stalled;
    size_t count, keys;
    atomic_size_t present;
    atomic_int ended;
    uint64_t refused, sum;
    struct stateline_histogram reads, writes;
    sem_t holding, released;
} tail;

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void write_all(void) {
    uint64_t state = 42;
    for (size_t index = 0; index < tail.count; index += 1) {
        int64_t start = stateline_clock_wall();
        if (!tail.stalled) {
            tail.peer->insert(index);
        } else if (!tail.peer->replace(1 + next_random(&state) % (tail.keys - 1))) {
            tail.refused += 1;
        }
        stateline_histogram_record(&tail.writes, (uint64_t)(stateline_clock_wall() - start));
        if (!tail.stalled) atomic_store_explicit(&tail.present, index + 1, memory_order_release);
    }
    atomic_store(&tail.ended, 1);
}

static void read_all(void) {
    uint64_t state = 4242;
    while (!atomic_load_explicit(&tail.ended, memory_order_relaxed)) {
        size_t present = atomic_load_explicit(&tail.present, memory_order_acquire);
        if (present < 2) continue;
        size_t index = 1 + next_random(&state) % (present - 1);
        int64_t start = stateline_clock_wall();
        tail.sum += tail.peer->lookup(index);
        stateline_histogram_record(&tail.reads, (uint64_t)(stateline_clock_wall() - start));
    }
}

static void work(int thread, void *context) {
    (void)context;
    if (thread == 0) write_all();
    else read_all();
}

static void wait_in_read(void *context) {
    (void)context;
    sem_post(&tail.holding);
    while (sem_wait(&tail.released) != 0) continue;
}

static void *hold(void *context) {
    (void)context;
    if (tail.peer->enter_thread) tail.peer->enter_thread();
    tail.peer->hold(0, wait_in_read, NULL);
    if (tail.peer->leave_thread) tail.peer->leave_thread();
    return NULL;
}

void stateline_tail_run(const struct stateline_peer *peer, int stalled, size_t count, size_t keys) {
    memset(&tail, 0, sizeof tail);
    tail.peer = peer;
    tail.stalled = stalled;
    tail.count = count;
    tail.keys = keys;
    atomic_store(&tail.present, stalled ? keys : 0);
    pthread_t holder;
    if (stalled) {
        sem_init(&tail.holding, 0, 0);
        sem_init(&tail.released, 0, 0);
        pthread_create(&holder, NULL, hold, NULL);
        while (sem_wait(&tail.holding) != 0) continue;
    }
    int64_t cpu;
    stateline_workers_run(2, work, NULL, &cpu);
    if (stalled) {
        sem_post(&tail.released);
        pthread_join(holder, NULL);
    }
    const struct stateline_histogram *times = &tail.reads, *writes = &tail.writes;
    printf(
        "done p50=%" PRIu64 " p99=%" PRIu64 " p999=%" PRIu64 " max=%" PRIu64 " reads=%" PRIu64 " writes=%zu refused=%" PRIu64
        " w50=%" PRIu64 " w9999=%" PRIu64 " wmax=%" PRIu64 " sum=%" PRIu64 "\n",
        stateline_histogram_quantile(times, 0.5), stateline_histogram_quantile(times, 0.99),
        stateline_histogram_quantile(times, 0.999), times->most, times->total, count, tail.refused,
        stateline_histogram_quantile(writes, 0.5), stateline_histogram_quantile(writes, 0.9999), writes->most, tail.sum
    );
}
