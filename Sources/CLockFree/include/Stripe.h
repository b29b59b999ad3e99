// Which of the striped counters a thread counts in, and a hint for loops that spin.
#pragma once

#include <stdint.h>

// How many threads have a stripe of their own at a time; all further ones share the stripe with this number.
#define CLOCKFREE_STRIPE_COUNT 64

// The thread's stripe, plus one; 0 until it has one. Read it through clockfree_stripe_current alone.
#if defined(__ELF__)
extern _Thread_local uint32_t clockfree_stripe_own __attribute__((tls_model("initial-exec")));
#else
extern _Thread_local uint32_t clockfree_stripe_own;
#endif

// Gives the thread a stripe, until it ends.
uint32_t clockfree_stripe_claim(void);

// The thread's stripe: nobody else writes to it while the thread lives, unless it is the shared one.
static inline uint32_t clockfree_stripe_current(void) {
    uint32_t own = clockfree_stripe_own;
    return __builtin_expect(own != 0, 1) ? own - 1 : clockfree_stripe_claim();
}

// Tells the processor that the thread waits for another one.
static inline void clockfree_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
