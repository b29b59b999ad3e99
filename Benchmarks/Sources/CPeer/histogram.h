#pragma once

#include <stdint.h>

/// Times in nanoseconds, counted to within 1/64 of each.
struct stateline_histogram {
    uint64_t counts[64][64];
    uint64_t total;
    uint64_t most;
};

static inline void stateline_histogram_record(struct stateline_histogram *histogram, uint64_t value) {
    int shift = value < 64 ? 0 : 58 - __builtin_clzll(value);
    histogram->counts[shift][(value >> shift) & 63] += 1;
    histogram->total += 1;
    if (value > histogram->most) histogram->most = value;
}

/// The least time that a part of all of them does not exceed.
static inline uint64_t stateline_histogram_quantile(const struct stateline_histogram *histogram, double part) {
    uint64_t rest = (uint64_t)((double)histogram->total * part);
    for (int shift = 0; shift < 64; shift += 1) {
        for (uint64_t slot = 0; slot < 64; slot += 1) {
            uint64_t count = histogram->counts[shift][slot];
            if (count > rest) return (slot + 1) << shift;
            rest -= count;
        }
    }
    return histogram->most;
}
