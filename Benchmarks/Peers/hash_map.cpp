// TBB's concurrent_hash_map as a peer: each read holds a lock of its entry, each value is an object of its own.

#include <oneapi/tbb/concurrent_hash_map.h>

#include <array>
#include <cstring>
#include <memory>

#include "peer.h"

namespace {

struct Value {
    uint64_t content;
};

template <size_t Width>
class Table {
public:
    using Key = std::array<uint64_t, Width>;

    explicit Table(size_t buckets) : map(buckets) {}

    ~Table() {
        for (auto &item : map) delete item.second;
    }

    uint64_t read(const uint64_t *words) const {
        typename Map::const_accessor place;
        return map.find(place, key(words)) ? place->second->content : 0;
    }

    void put(const uint64_t *words) {
        auto *value = new Value{words[0] ^ words[1]};
        {
            typename Map::accessor place;
            if (map.insert(place, key(words))) {
                place->second = value;
                value = nullptr;
            } else {
                std::swap(place->second, value);
            }
        }
        delete value;
    }

    void replace(const uint64_t *words) {
        auto *value = new Value{words[0] ^ words[1]};
        {
            typename Map::accessor place;
            if (map.find(place, key(words))) std::swap(place->second, value);
        }
        delete value;
    }

    uint64_t run(const stateline_peer_window &window) {
        uint64_t sum = 0;
        const uint64_t *words = window.keys;
        if (window.mode == STATELINE_PEER_MIXED) {
            for (size_t index = 0; index < window.count; index += 1, words += Width) {
                if (window.operations[index] & STATELINE_PEER_WRITE) replace(words);
                else sum += read(words);
            }
        } else {
            for (size_t index = 0; index < window.count; index += 1, words += Width) sum += read(words);
        }
        return sum;
    }

    void hold(const uint64_t *words, void (*wait)(void *), void *context) const {
        typename Map::const_accessor place;
        map.find(place, key(words));
        wait(context);
    }

private:
    struct Hashing {
        size_t hash(const Key &key) const { return stateline_peer_hash(key.data(), Width); }
        bool equal(const Key &left, const Key &right) const {
            return stateline_peer_equal(left.data(), right.data(), Width);
        }
    };

    using Map = tbb::concurrent_hash_map<Key, Value *, Hashing>;

    static const Key &key(const uint64_t *words) { return *reinterpret_cast<const Key *>(words); }

    Map map;
};

stateline_peer_keys keys;
std::unique_ptr<Table<2>> table;
std::unique_ptr<Table<5>> long_table;

const uint64_t *words(size_t index) { return keys.words + index * keys.width; }

void insert(size_t index) {
    if (table) table->put(words(index));
    else long_table->put(words(index));
}

void open_table(const stateline_peer_keys *of, int fill, size_t) {
    keys = *of;
    table.reset();
    long_table.reset();
    size_t buckets = fill ? keys.count : 64;
    if (keys.width == 2) table = std::make_unique<Table<2>>(buckets);
    else long_table = std::make_unique<Table<5>>(buckets);
    for (size_t index = 0; fill && index < keys.count; index += 1) insert(index);
}

uint64_t run(const stateline_peer_window *window) { return table ? table->run(*window) : long_table->run(*window); }

int replace(size_t index) {
    if (table) table->replace(words(index));
    else long_table->replace(words(index));
    return 1;
}

uint64_t lookup(size_t index) { return table ? table->read(words(index)) : long_table->read(words(index)); }

void hold(size_t index, void (*wait)(void *), void *context) {
    if (table) table->hold(words(index), wait, context);
    else long_table->hold(words(index), wait, context);
}

}  // namespace

int main() {
    stateline_peer peer{};
    peer.copies_keys = 1;
    peer.open = open_table;
    peer.run = run;
    peer.insert = insert;
    peer.replace = replace;
    peer.lookup = lookup;
    peer.hold = hold;
    return stateline_peer_serve(&peer);
}
