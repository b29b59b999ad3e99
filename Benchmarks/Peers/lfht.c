// liburcu's lock-free hash table as a peer: key and value lie in the node, the table is made as large as it will be.
//
// Built once with URCU_FLAVOUR_MEMB (readers announce themselves; a memory barrier of the kernel makes that cheap) and
// once with URCU_FLAVOUR_QSBR (readers say now and then that they hold nothing); and each of them again with
// URCU_COUNTED, where an entry has a count of references.
//
// The bucket arrays come from malloc (cds_lfht_mm_order), which gives them huge pages as it does to the other peers;
// liburcu's own choice, an anonymous mapping, has small ones and is slower here.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define _LGPL_SOURCE
#ifdef URCU_FLAVOUR_QSBR
#include <urcu-qsbr.h>
#else
#include <urcu.h>
#endif
#include <urcu/rculfhash.h>
#include <urcu/ref.h>

#include "peer.h"

/// After the key comes the `rcu_head`, so that what a read touches lies together.
struct entry {
    struct cds_lfht_node node;
    uint64_t value;
#ifdef URCU_COUNTED
    struct urcu_ref references;
#endif
    uint64_t key[];
};

static struct cds_lfht *table;
static struct stateline_peer_keys keys;

static int matches(struct cds_lfht_node *node, const void *key) {
    return stateline_peer_equal(caa_container_of(node, struct entry, node)->key, key, 2);
}

static int matches_long(struct cds_lfht_node *node, const void *key) {
    return stateline_peer_equal(caa_container_of(node, struct entry, node)->key, key, 5);
}

static struct entry *make(const uint64_t *key, size_t width) {
    struct entry *entry = malloc(sizeof *entry + width * sizeof(uint64_t) + sizeof(struct rcu_head));
    cds_lfht_node_init(&entry->node);
#ifdef URCU_COUNTED
    urcu_ref_init(&entry->references);
#endif
    entry->value = key[0] ^ key[1];
    memcpy(entry->key, key, width * sizeof(uint64_t));
    return entry;
}

static void reclaim(struct rcu_head *head) {
    free((char *)head - keys.width * sizeof(uint64_t) - sizeof(struct entry));
}

static void retire(struct entry *entry) { call_rcu((struct rcu_head *)&entry->key[keys.width], reclaim); }

#ifdef URCU_COUNTED
static void release(struct urcu_ref *references) { retire(caa_container_of(references, struct entry, references)); }

static void withdraw(struct entry *entry) { urcu_ref_put(&entry->references, release); }
#else
static void withdraw(struct entry *entry) { retire(entry); }
#endif

static inline struct entry *find(const uint64_t *key, size_t width) {
    struct cds_lfht_iter place;
    cds_lfht_lookup(table, stateline_peer_hash(key, width), width == 2 ? matches : matches_long, key, &place);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&place);
    return node ? caa_container_of(node, struct entry, node) : NULL;
}

static inline uint64_t borrow(const uint64_t *key, size_t width) {
    rcu_read_lock();
    struct entry *entry = find(key, width);
    uint64_t value = entry ? entry->value : 0;
    rcu_read_unlock();
    return value;
}

#ifdef URCU_COUNTED
/// Reads the value after the read-side section, which a reference of our own allows.
static inline uint64_t strong(const uint64_t *key, size_t width) {
    rcu_read_lock();
    struct entry *entry = find(key, width);
    if (entry && !urcu_ref_get_unless_zero(&entry->references)) entry = NULL;
    rcu_read_unlock();
    if (!entry) return 0;
    uint64_t value = entry->value;
    urcu_ref_put(&entry->references, release);
    return value;
}
#endif

static inline void put(const uint64_t *key, size_t width) {
    struct entry *entry = make(key, width);
    rcu_read_lock();
    struct cds_lfht_node *old = cds_lfht_add_replace(
        table, stateline_peer_hash(key, width), width == 2 ? matches : matches_long, key, &entry->node
    );
    rcu_read_unlock();
    if (old) withdraw(caa_container_of(old, struct entry, node));
}

static inline void quiesce(size_t operation) {
#ifdef URCU_FLAVOUR_QSBR
    if (operation % 64 == 0) rcu_quiescent_state();
#else
    (void)operation;
#endif
}

static void enter_thread(void) {
    rcu_register_thread();
    rcu_thread_offline();
}

static void leave_thread(void) { rcu_unregister_thread(); }

static void open_table(const struct stateline_peer_keys *of, int fill, size_t capacity) {
    (void)capacity;
    keys = *of;
    rcu_thread_online();
    if (table) {
        struct cds_lfht_iter place;
        struct entry *entry;
        rcu_read_lock();
        cds_lfht_for_each_entry(table, &place, entry, node) {
            if (cds_lfht_del(table, &entry->node) == 0) withdraw(entry);
        }
        rcu_read_unlock();
        rcu_thread_offline();
        cds_lfht_destroy(table, NULL);
        rcu_thread_online();
    }
    unsigned long buckets = 64;
    while (fill && buckets < keys.count) buckets *= 2;
#ifdef URCU_FLAVOUR_QSBR
    const struct rcu_flavor_struct *flavour = &urcu_qsbr_flavor;
#else
    const struct rcu_flavor_struct *flavour = &urcu_memb_flavor;
#endif
    table = _cds_lfht_new(buckets, 64, 0, fill ? 0 : CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING, LFHT_MEMORY, flavour, NULL);
    for (size_t index = 0; fill && index < keys.count; index += 1) put(keys.words + index * keys.width, keys.width);
    rcu_thread_offline();
}

static inline __attribute__((always_inline)) uint64_t work(const struct stateline_peer_window *window, size_t width) {
    uint64_t sum = 0;
    const uint64_t *key = window->keys;
    switch (window->mode) {
#ifdef URCU_COUNTED
    case STATELINE_PEER_STRONG:
        for (size_t index = 0; index < window->count; index += 1, key += width) {
            quiesce(index);
            sum += strong(key, width);
        }
        break;
#endif
    case STATELINE_PEER_MIXED:
        for (size_t index = 0; index < window->count; index += 1, key += width) {
            quiesce(index);
            if (window->operations[index] & STATELINE_PEER_WRITE) put(key, width);
            else sum += borrow(key, width);
        }
        break;
    default:
        for (size_t index = 0; index < window->count; index += 1, key += width) {
            quiesce(index);
            sum += borrow(key, width);
        }
    }
    return sum;
}

static uint64_t run(const struct stateline_peer_window *window) {
    rcu_thread_online();
    uint64_t sum = keys.width == 2 ? work(window, 2) : work(window, 5);
    rcu_thread_offline();
    return sum;
}

static void settle(void) { rcu_barrier(); }

static void insert(size_t index) {
    rcu_thread_online();
    put(keys.words + index * keys.width, keys.width);
    rcu_thread_offline();
}

static int replace(size_t index) {
    insert(index);
    return 1;
}

static uint64_t lookup(size_t index) {
    rcu_thread_online();
    uint64_t value = borrow(keys.words + index * keys.width, keys.width);
    rcu_thread_offline();
    return value;
}

static void hold(size_t index, void (*wait)(void *), void *context) {
    rcu_thread_online();
    rcu_read_lock();
    find(keys.words + index * keys.width, keys.width);
    wait(context);
    rcu_read_unlock();
    rcu_thread_offline();
}

int main(void) {
    static const struct stateline_peer peer = {
        .copies_keys = 1,
        .enter_thread = enter_thread,
        .leave_thread = leave_thread,
        .open = open_table,
        .run = run,
        .settle = settle,
        .insert = insert,
        .replace = replace,
        .lookup = lookup,
        .hold = hold,
    };
    return stateline_peer_serve(&peer);
}
