#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A peer of a comparison: a process that holds one table, and works on it when it is told to.
//
// Commands come as lines on standard input, and each is answered by one line on standard output; while there is no
// command the process sleeps. Words are separated by one space; files are named relative to the working directory.
//
//   open keys=FILE width=W fill=0|1 capacity=N    ->  ready bytes=B       reads keys of W words each; fills a table
//   stream thread=T file=FILE                     ->  ready               reads operations, as 32-bit words
//   run mode=M threads=T first=I count=N passes=P ->  done wall=NS cpu=NS operations=N sum=S
//   tail kind=growth|stalled count=N              ->  done p50=NS p99=NS p999=NS max=NS reads=N writes=N refused=N
//                                                          w50=NS w9999=NS wmax=NS sum=S
//   (end of input)                                    the process ends
//
// A run goes through the N operations from the I-th on, P times. No operation at all is a run that costs what telling
// and answering cost. An operation is the index of a key; its highest bit says that the key's value is to be replaced. A read adds the
// value of its key to the sum. The value of a key is the exclusive or of its first two words, also after it has been
// replaced, so that all peers have the same sum.

#ifdef __cplusplus
extern "C" {
#endif

/// The bit of an operation that says it is a write.
#define STATELINE_PEER_WRITE 0x80000000u

/// The modes of a run.
enum stateline_peer_mode {
    /// Look up each key, without taking hold of its value for longer than the look-up.
    STATELINE_PEER_BORROW = 0,
    /// Look up each key, and take hold of the value before it is read.
    STATELINE_PEER_STRONG = 1,
    /// Look up keys in batches of 16.
    STATELINE_PEER_BATCH = 2,
    /// Do what the operation's write bit says.
    STATELINE_PEER_MIXED = 3,
    /// Insert each key, which is new, into a full cache.
    STATELINE_PEER_INSERT = 4,
};

/// Keys, each of so many words.
struct stateline_peer_keys {
    const uint64_t *words;
    size_t width;
    size_t count;
};

/// A part of a stream: the work of one thread in one run.
struct stateline_peer_window {
    enum stateline_peer_mode mode;
    int thread;
    /// The operations, and the key of each, one after the other; no keys where the peer copies them itself.
    const uint32_t *operations;
    const uint64_t *keys;
    /// Where in the stream the part begins, and how long it is.
    size_t first;
    size_t count;
};

/// What a peer does; functions that it has no use for are null.
///
/// All of them are called on the peer's worker threads, `stream` and `settle` aside.
struct stateline_peer {
    /// Whether keys are copied into the order of the operations, for `stateline_peer_window.keys`.
    int copies_keys;
    void (*enter_thread)(void);
    void (*leave_thread)(void);
    /// Makes a table: with all keys if `fill`, and else one that is small and empty. `capacity` bounds a cache.
    void (*open)(const struct stateline_peer_keys *keys, int fill, size_t capacity);
    /// Gets ready for a thread's operations.
    void (*stream)(int thread, const struct stateline_peer_keys *keys, const uint32_t *operations, size_t count);
    /// Works, and returns the sum of the values read.
    uint64_t (*run)(const struct stateline_peer_window *window);
    /// Waits for work that was put off to another thread.
    void (*settle)(void);
    /// Inserts one key, replaces its value (0: refused), looks it up.
    void (*insert)(size_t index);
    int (*replace)(size_t index);
    uint64_t (*lookup)(size_t index);
    /// Waits within a read of a key.
    void (*hold)(size_t index, void (*wait)(void *), void *context);
};

/// Reads commands until they end.
int stateline_peer_serve(const struct stateline_peer *peer);

/// The hash of all peers but those with one of their own: as fast as the one that they are compared with.
static inline uint64_t stateline_peer_fold(uint64_t left, uint64_t right) {
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t stateline_peer_hash(const uint64_t *key, size_t width) {
    const uint64_t a = 0x9e3779b97f4a7c15u, b = 0xbf58476d1ce4e5b9u, c = 0x94d049bb133111ebu, d = 0xd6e8feb86659fd93u;
    if (width == 2) return stateline_peer_fold(stateline_peer_fold(key[0] ^ a, key[1] ^ b), c);
    uint64_t first = stateline_peer_fold(key[0] ^ a, key[1] ^ b);
    uint64_t second = stateline_peer_fold(key[2] ^ b, key[3] ^ c);
    uint64_t third = stateline_peer_fold(key[4] ^ c, 36 ^ d);
    return stateline_peer_fold(first ^ (second + third) ^ d, a | 1);
}

static inline int stateline_peer_equal(const uint64_t *left, const uint64_t *right, size_t width) {
    uint64_t difference = (left[0] ^ right[0]) | (left[1] ^ right[1]);
    if (width == 5) difference |= (left[2] ^ right[2]) | (left[3] ^ right[3]) | (left[4] ^ right[4]);
    return difference == 0;
}

/// Keeps a thread of any process of this user on one core; 0 where it worked.
int stateline_peer_pin(pid_t thread, int core);

/// The CPU time of a process and all of its threads, in nanoseconds; negative where there is no such process.
int64_t stateline_peer_cpu_time(pid_t process);

#ifdef __cplusplus
}
#endif
