public import CLockFree
public import Synchronization

extension LockFreeCache {
    /// The work that a thread did while it had the policy's token.
    @usableFromInline
    struct Upkeep {
        /// The number of candidates that it visited.
        @usableFromInline var visits = 0
        /// `true` if the map refused a removal.
        @usableFromInline var isStalled = false
        /// `true` if more values may have expired.
        @usableFromInline var hasMoreDue = false

        @inlinable
        init() {}
    }

    /// Announces that a node came or went; every 64th time a thread also lets the policy process the announcements.
    @inlinable
    func announce(_ node: KeyedPolicyNode<Key>) {
        policy.announce(node)
        if counters.add(to: .announcements) & 63 == 0 { maintain() }
    }

    /// Adds to the weight, and makes room for it if needed.
    ///
    /// The map never holds more than the capacity, because each entry's weight is in the counter before the entry is in
    /// the map, and leaves it afterwards. An entry is published after its thread has read the counter, its own weight
    /// included, within the capacity. Of all entries that are in the map at some moment, the last one to read the
    /// counter saw the weights of all others.
    ///
    /// - Returns: `false` if no room could be made; then nothing is added.
    @inlinable
    func reserve(_ weight: Int, for key: Key) throws(CacheError) -> Bool {
        guard weight > 0, counters.addWeight(weight) > softLimit else { return true }
        var point = key.hash(.process)
        var waits = 0
        while waits < 512 {
            let upkeep = maintain()
            if counters.weight <= capacity { return true }
            do throws(CacheError) {
                if let upkeep, upkeep.isStalled { throw .reclamationStalled }
                guard upkeep?.visits ?? 0 == 0 else { continue }
                waits += 1
                if waits > 8 {
                    point = point &* 0x9E37_79B9_7F4A_7C15 &+ 1
                    try evictNear(point)
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

    /// Evicts the least read of some entries at a point of the map.
    ///
    /// A thread that needs room does this while the thread with the token does not run. The policy's choice would be
    /// better, but the new value is worth more than that.
    @inlinable
    func evictNear(_ point: UInt64) throws(CacheError) {
        let now = tick
        var victim: CacheEntry<Key, Value>?
        var least = UInt8.max
        for entry in map.scan(from: MapCursor(position: point), limit: 8).entries {
            let frequency = entry.frequency.load(ordering: .relaxed)
            let worth = isAlive(entry, at: now) ? entry.node.rank + frequency : 0
            if worth < least { (victim, least) = (entry, worth) }
        }
        guard let victim else { return }
        if try take(victim, because: isAlive(victim, at: now) ? .evicted : .expired) { announce(victim.node) }
    }

    /// Does the policy's work, unless another thread does.
    ///
    /// Processes the announcements, removes expired entries (up to 64), and evicts (up to 64).
    ///
    /// - Returns: The work that was done; `nil` if another thread does it.
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
        // After the token is released: the handler may use the cache, and may be slow.
        for (entry, cause) in removed { report(entry, cause) }
        return upkeep
    }

    /// Processes all announcements.
    ///
    /// The map decides: a node that its key's entry does not reference is dead.
    @inlinable
    func drainIntake() {
        policy.drain { node in
            // Safety: the cache makes all of its nodes, for its keys.
            let node = unsafe unsafeDowncast(node, to: KeyedPolicyNode<Key>.self)
            if let entry = currentEntry(of: node) {
                policy.admit(node, weight: entry.weight, deadline: entry.deadline)
            } else {
                policy.forget(node)
            }
        }
    }

    /// Returns the present entry of a node; `nil` if the node is dead.
    @inlinable
    func currentEntry(of node: KeyedPolicyNode<Key>) -> CacheEntry<Key, Value>? {
        guard let entry = map.get(node.key), entry.node === node else { return nil }
        return entry
    }

    /// Removes entries past their deadlines.
    @inlinable
    func sweep(
        _ upkeep: inout Upkeep,
        _ removed: inout [(entry: CacheEntry<Key, Value>, cause: RemovalCause)]
    ) throws(LockFreeMapError) {
        let now = tick
        policy.advance(to: now)
        // Up to four visits for each expiry: an entry comes down two rings before it is due.
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
        while counters.weight > lowLimit, evictions < 64, upkeep.visits < 512 {
            guard let candidate = policy.nextCandidate() else { return }
            upkeep.visits += 1
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
            // If another value has replaced this one meanwhile, the next round visits that one.
            guard case .exchanged = try map.remove(entry) else { continue }
            counters.addWeight(-entry.weight)
            policy.evictCandidate()
            evictions += 1
            removed.append((entry, isAlive ? .evicted : .expired))
        }
    }
}
