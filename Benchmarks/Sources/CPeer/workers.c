#define _GNU_SOURCE

#include "workers.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "clocks.h"

static struct worker {
    pthread_t thread;
    sem_t work;
    int64_t start, end, cpu;
} workers[STATELINE_WORKERS];

static sem_t finished;
static atomic_int arrived;
static int participants;
static void (*current)(int, void *);
static void *argument;
static const struct stateline_peer *peer;

static void *work(void *context) {
    int index = (int)(intptr_t)context;
    struct worker *self = &workers[index];
    stateline_peer_pin(0, index % (int)sysconf(_SC_NPROCESSORS_ONLN));
    if (peer->enter_thread) peer->enter_thread();
    for (;;) {
        while (sem_wait(&self->work) != 0) continue;
        if (!current) break;
        atomic_fetch_add(&arrived, 1);
        // Gives its core away: on a loaded machine the wait may be long, and is not to count.
        while (atomic_load(&arrived) < participants) sched_yield();
        self->start = stateline_clock_wall();
        int64_t before = stateline_clock_thread();
        current(index, argument);
        self->cpu = stateline_clock_thread() - before;
        self->end = stateline_clock_wall();
        sem_post(&finished);
    }
    if (peer->leave_thread) peer->leave_thread();
    return NULL;
}

void stateline_workers_start(const struct stateline_peer *of) {
    peer = of;
    sem_init(&finished, 0, 0);
    for (intptr_t index = 0; index < STATELINE_WORKERS; index += 1) {
        sem_init(&workers[index].work, 0, 0);
        pthread_create(&workers[index].thread, NULL, work, (void *)index);
    }
}

int64_t stateline_workers_run(int threads, void (*job)(int, void *), void *context, int64_t *cpu) {
    current = job;
    argument = context;
    participants = threads;
    atomic_store(&arrived, 0);
    for (int index = 0; index < threads; index += 1) sem_post(&workers[index].work);
    for (int index = 0; index < threads; index += 1) {
        while (sem_wait(&finished) != 0) continue;
    }
    int64_t start = workers[0].start, end = workers[0].end;
    *cpu = 0;
    for (int index = 0; index < threads; index += 1) {
        if (workers[index].start < start) start = workers[index].start;
        if (workers[index].end > end) end = workers[index].end;
        *cpu += workers[index].cpu;
    }
    return end - start;
}

void stateline_workers_stop(void) {
    current = NULL;
    for (int index = 0; index < STATELINE_WORKERS; index += 1) sem_post(&workers[index].work);
    for (int index = 0; index < STATELINE_WORKERS; index += 1) pthread_join(workers[index].thread, NULL);
}
