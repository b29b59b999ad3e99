#include "Stripe.h"

#include <pthread.h>
#include <stdatomic.h>

_Thread_local uint32_t clockfree_stripe_own;

// A bit for each stripe that a thread has.
static _Atomic uint64_t stripes;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Runs when a thread ends. Whoever gets the stripe next sees all that was counted in it: release here, acquire there.
static void stripe_release(void *value) {
    uint32_t own = (uint32_t)(uintptr_t)value;
    clockfree_stripe_own = 0;
    atomic_fetch_and_explicit(&stripes, ~(UINT64_C(1) << (own - 1)), memory_order_release);
}

static void key_make(void) { pthread_key_create(&key, stripe_release); }

uint32_t clockfree_stripe_claim(void) {
    pthread_once(&once, key_make);
    uint64_t taken = atomic_load_explicit(&stripes, memory_order_relaxed);
    while (taken != UINT64_MAX) {
        uint32_t stripe = (uint32_t)__builtin_ctzll(~taken);
        if (atomic_compare_exchange_weak_explicit(&stripes, &taken, taken | (UINT64_C(1) << stripe),
                                                  memory_order_acquire, memory_order_relaxed)) {
            // Without a destructor the stripe would be lost with the thread: then it is given back, and shared instead.
            if (pthread_setspecific(key, (void *)(uintptr_t)(stripe + 1)) == 0) {
                clockfree_stripe_own = stripe + 1;
                return stripe;
            }
            atomic_fetch_and_explicit(&stripes, ~(UINT64_C(1) << stripe), memory_order_release);
            break;
        }
    }
    clockfree_stripe_own = CLOCKFREE_STRIPE_COUNT + 1;
    return CLOCKFREE_STRIPE_COUNT;
}
