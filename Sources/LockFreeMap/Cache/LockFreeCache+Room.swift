public import CLockFree
public import Synchronization

extension LockFreeCache {
    /// What a thread did while it had the policy's token.
    @usableFromInline
    struct Upkeep {
        /// How many candidates it looked at.
        @usableFromInline var steps = 0
        /// Whether the map refused a removal.
        @usableFromInline var isStalled = false
        /// Whether there may be more to do.
        @usableFromInline var hasMoreDue = false

        @inlinable
        init() {}
    }

    /// Says that a residence came or went; every 64th time a thread also sees to it that the policy hears of it.
    @inlinable
    func announce(_ node: KeyedPolicyNode<Key>) {
        policy.announce(node)
        if counters.add(to: .announcements) & 63 == 0 { maintain() }
    }

    /// Adds to the weight, and makes room for it where needed; `false`, and nothing is added, where there is none.
    ///
    /// That the map never holds more than the capacity: each entry's weight is in the counter before the entry is in the
    /// map, and leaves it afterwards. An entry is published after its thread has seen a counter, its own weight
    /// included, within the capacity. Of all entries that are in the map at some moment, the one whose look was the last
    /// saw the weights of all others.
    @inlinable
    func reserve(_ weight: Int, for key: Key) throws(CacheError) -> Bool {
        guard weight > 0, counters.addWeight(weight) > softLimit else { return true }
        var place = key.hash(.process)
        var waits = 0
        while waits < 512 {
            let upkeep = maintain()
            if counters.weight <= capacity { return true }
            do throws(CacheError) {
                if let upkeep, upkeep.isStalled { throw .reclamationStalled }
                guard upkeep?.steps ?? 0 == 0 else { continue }
                waits += 1
                if waits > 8 {
                    place = place &* 0x9E37_79B9_7F4A_7C15 &+ 1
                    try evictNear(place)
                } else {
                    for _ in 0..<8 { clockfree_pause() }
                }
            } catch {
                counters.addWeight(-weight)
                throw error
            }
        }
        counters.addWeight(-weight)
        return false
    }

    /// Evicts, of some entries at a place of the map, the one that was read least.
    ///
    /// What a thread does that needs room while another one, which has the token, stands still: the policy's choice would
    /// be better, but the new value is worth more than that.
    @inlinable
    func evictNear(_ place: UInt64) throws(CacheError) {
        let now = tick
        var victim: CacheEntry<Key, Value>?
        var least = UInt8.max
        for entry in map.scan(from: MapCursor(position: place), limit: 8).entries {
            let frequency = entry.frequency.load(ordering: .relaxed)
            let worth = isAlive(entry, at: now) ? entry.node.rank + frequency : 0
            if worth < least { (victim, least) = (entry, worth) }
        }
        guard let victim else { return }
        if try take(victim, because: isAlive(victim, at: now) ? .evicted : .expired) { announce(victim.node) }
    }

    /// Does what is to be done for the policy, if no other thread does; `nil` where another thread does.
    ///
    /// Hears what was announced, takes out what is past its deadline (up to 64 entries), and evicts (up to 64).
    @inlinable
    @discardableResult
    func maintain() -> Upkeep? {
        guard policy.take() else { return nil }
        var removed: [(entry: CacheEntry<Key, Value>, cause: RemovalCause)] = []
        var upkeep = Upkeep()
        drainIntake()
        do throws(LockFreeMapError) {
            if expires { try sweep(&upkeep, &removed) }
            try evict(&upkeep, &removed)
        } catch {
            upkeep.isStalled = true
        }
        policy.giveBack()
        // Only now: the handler may use the cache, and takes the time that it takes.
        for (entry, cause) in removed { report(entry, cause) }
        return upkeep
    }

    /// Looks at all that was announced.
    ///
    /// The map is the truth: a residence that its key's entry does not name is over.
    @inlinable
    func drainIntake() {
        policy.drain { node in
            // Safety: all residences of this cache are made by it, for its keys.
            let node = unsafe unsafeDowncast(node, to: KeyedPolicyNode<Key>.self)
            if let entry = currentEntry(of: node) {
                policy.admit(node, weight: entry.weight, deadline: entry.deadline)
            } else {
                policy.forget(node)
            }
        }
    }

    /// The entry that a residence stands for now; `nil` where it is over.
    @inlinable
    func currentEntry(of node: KeyedPolicyNode<Key>) -> CacheEntry<Key, Value>? {
        guard let entry = map.get(node.key), entry.node === node else { return nil }
        return entry
    }

    /// Takes out what is past its deadline.
    @inlinable
    func sweep(
        _ upkeep: inout Upkeep,
        _ removed: inout [(entry: CacheEntry<Key, Value>, cause: RemovalCause)]
    ) throws(LockFreeMapError) {
        let now = tick
        policy.advance(to: now)
        // Up to four looks for each announcement: an entry comes down two rings before it is due.
        var expirations = 0
        for _ in 0..<256 where expirations < 64 {
            guard let due = policy.nextDue() else { return }
            // Safety: as above.
            let node = unsafe unsafeDowncast(due, to: KeyedPolicyNode<Key>.self)
            guard let entry = currentEntry(of: node) else {
                policy.forget(node)
                continue
            }
            guard !isAlive(entry, at: now) else {
                policy.postpone(node, to: entry.deadline)
                continue
            }
            if case .exchanged = try map.remove(entry) {
                counters.addWeight(-entry.weight)
                policy.forget(node)
                removed.append((entry, .expired))
                expirations += 1
            }
        }
        upkeep.hasMoreDue = true
    }

    /// Evicts down to the lower limit.
    @inlinable
    func evict(
        _ upkeep: inout Upkeep,
        _ removed: inout [(entry: CacheEntry<Key, Value>, cause: RemovalCause)]
    ) throws(LockFreeMapError) {
        guard counters.weight > softLimit else { return }
        let now = tick
        var evictions = 0
        removed.reserveCapacity(removed.count + 16)
        while counters.weight > lowLimit, evictions < 64, upkeep.steps < 512 {
            guard let candidate = policy.nextCandidate() else { return }
            upkeep.steps += 1
            // Safety: as above.
            let node = unsafe unsafeDowncast(candidate, to: KeyedPolicyNode<Key>.self)
            guard let entry = currentEntry(of: node) else {
                policy.forget(node)
                continue
            }
            let isAlive = isAlive(entry, at: now)
            if isAlive, let kept = policy.keptFrequency(entry.frequency.load(ordering: .relaxed)) {
                entry.frequency.store(kept, ordering: .relaxed)
                policy.keepCandidate()
                continue
            }
            // Another value may have taken the place of this one meanwhile: then the next round looks at that one.
            guard case .exchanged = try map.remove(entry) else { continue }
            counters.addWeight(-entry.weight)
            policy.evictCandidate()
            evictions += 1
            removed.append((entry, isAlive ? .evicted : .expired))
        }
    }
}
