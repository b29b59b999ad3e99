#define _GNU_SOURCE

#include "peer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clocks.h"
#include "tail.h"
#include "workers.h"

static const struct stateline_peer *peer;
static struct stateline_peer_keys keys;
static struct stream {
    const uint32_t *operations;
    uint64_t *keys;
    size_t count;
} streams[STATELINE_WORKERS];

static void fail(const char *what) {
    printf("failed %s\n", what);
    exit(1);
}

/// The text after `name=` in a command.
static const char *option(const char *line, const char *name) {
    size_t length = strlen(name);
    for (const char *word = line; word; word = strchr(word, ' ')) {
        if (*word == ' ') word += 1;
        if (strncmp(word, name, length) == 0 && word[length] == '=') return word + length + 1;
    }
    fail(name);
    return "";
}

static size_t number(const char *line, const char *name) { return strtoull(option(line, name), NULL, 10); }

/// A whole file as memory that is read only.
static const void *contents(const char *line, const char *name, size_t *size) {
    char path[256];
    if (sscanf(option(line, name), "%255s", path) != 1) fail(name);
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail(path);
    *size = (size_t)status.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED) fail(path);
    close(file);
    return bytes;
}

struct opening {
    int fill;
    size_t capacity;
};

static void open_table(int thread, void *context) {
    (void)thread;
    const struct opening *opening = context;
    peer->open(&keys, opening->fill, opening->capacity);
}

static void open_command(const char *line) {
    size_t size;
    if (keys.words) munmap((void *)keys.words, keys.count * keys.width * sizeof(uint64_t));
    keys.words = contents(line, "keys", &size);
    keys.width = number(line, "width");
    keys.count = size / (keys.width * sizeof(uint64_t));
    struct opening opening = {(int)number(line, "fill"), number(line, "capacity")};
    int64_t cpu, before = stateline_memory_private();
    stateline_workers_run(1, open_table, &opening, &cpu);
    if (peer->settle) peer->settle();
    printf("ready bytes=%" PRId64 "\n", stateline_memory_private() - before);
}

static void stream_command(const char *line) {
    size_t size, thread = number(line, "thread");
    if (thread >= STATELINE_WORKERS) fail("thread");
    struct stream *stream = &streams[thread];
    if (stream->operations) munmap((void *)stream->operations, stream->count * sizeof(uint32_t));
    free(stream->keys);
    stream->keys = NULL;
    stream->operations = contents(line, "file", &size);
    stream->count = size / sizeof(uint32_t);
    if (peer->copies_keys) {
        size_t width = keys.width;
        stream->keys = malloc(stream->count * width * sizeof(uint64_t));
        for (size_t index = 0; index < stream->count; index += 1) {
            size_t key = stream->operations[index] & ~STATELINE_PEER_WRITE;
            memcpy(stream->keys + index * width, keys.words + key * width, width * sizeof(uint64_t));
        }
    }
    if (peer->stream) peer->stream((int)thread, &keys, stream->operations, stream->count);
    printf("ready bytes=0\n");
}

struct running {
    enum stateline_peer_mode mode;
    size_t first, count, passes;
    uint64_t sums[STATELINE_WORKERS];
};

static void run_window(int thread, void *context) {
    struct running *running = context;
    struct stream *stream = &streams[thread];
    struct stateline_peer_window window = {
        .mode = running->mode,
        .thread = thread,
        .operations = stream->operations + running->first,
        .keys = stream->keys ? stream->keys + running->first * keys.width : NULL,
        .first = running->first,
        .count = running->count,
    };
    uint64_t sum = 0;
    for (size_t pass = 0; pass < running->passes; pass += 1) sum += peer->run(&window);
    running->sums[thread] = sum;
}

static void run_command(const char *line) {
    size_t threads = number(line, "threads");
    struct running running = {
        .mode = (enum stateline_peer_mode)number(line, "mode"),
        .first = number(line, "first"),
        .count = number(line, "count"),
        .passes = number(line, "passes"),
    };
    for (size_t thread = 0; thread < threads; thread += 1) {
        if (thread >= STATELINE_WORKERS || running.first + running.count > streams[thread].count) fail("window");
    }
    int64_t cpu, wall = stateline_workers_run((int)threads, run_window, &running, &cpu);
    if (peer->settle && running.mode >= STATELINE_PEER_MIXED) peer->settle();
    uint64_t sum = 0;
    for (size_t thread = 0; thread < threads; thread += 1) sum += running.sums[thread];
    printf(
        "done wall=%" PRId64 " cpu=%" PRId64 " operations=%zu sum=%" PRIu64 "\n", wall, cpu,
        threads * running.count * running.passes, sum
    );
}

static void tail_command(const char *line) {
    int stalled = strncmp(option(line, "kind"), "stalled", 7) == 0;
    size_t count = number(line, "count");
    if (!stalled && count > keys.count) fail("count");
    stateline_tail_run(peer, stalled, count, keys.count);
}

int stateline_peer_serve(const struct stateline_peer *of) {
    static char line[1024];
    peer = of;
    stateline_workers_start(peer);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "open ", 5) == 0) open_command(line);
        else if (strncmp(line, "stream ", 7) == 0) stream_command(line);
        else if (strncmp(line, "run ", 4) == 0) run_command(line);
        else if (strncmp(line, "tail ", 5) == 0) tail_command(line);
        else fail("command");
        fflush(stdout);
    }
    stateline_workers_stop();
    return 0;
}
