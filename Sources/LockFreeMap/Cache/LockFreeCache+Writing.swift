public import Synchronization

extension LockFreeCache {
    /// Inserts a value, unless its key has one.
    ///
    /// Lock-free.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key.
    ///   - weight: The weight of the value, in bytes; 0 or more.
    /// - Returns: The value that the key has already, which counts as read. `nil` if the new one was inserted, or was
    ///   given up at once because no room could be made; then its event says that it was evicted.
    /// - Throws: ``CacheError``.
    /// - Complexity: O(1) amortised, and the evictions that make room for the weight.
    @inlinable
    public func insert(ifAbsent value: Value, at key: Key, weight: Int) throws(CacheError) -> Value? {
        try checkWeight(weight)
        while true {
            let now = tick
            if let current = map.get(key) {
                if read(current, at: now) { return current.value }
                try expire(current)
                continue
            }
            guard try reserve(weight, for: key) else {
                counters.add(to: .inserts)
                giveUp(value, at: key, weight: weight)
                return nil
            }
            let entry = makeEntry(value, node: KeyedPolicyNode(key), weight: weight, at: now, frequency: 0)
            let current: CacheEntry<Key, Value>?
            do { current = try map.insert(ifAbsent: entry) } catch {
                counters.addWeight(-weight)
                throw CacheError(error)
            }
            guard current != nil else {
                counters.add(to: .inserts)
                announce(entry.node)
                return nil
            }
            counters.addWeight(-weight)
        }
    }

    /// Inserts a value, or replaces the one that its key has.
    ///
    /// Lock-free.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key.
    ///   - weight: The weight of the value, in bytes; 0 or more.
    /// - Returns: The value that was replaced; `nil` if there was none.
    /// - Throws: ``CacheError``; then the former value stays.
    /// - Complexity: O(1) amortised, and the evictions that make room for the weight.
    @inlinable
    @discardableResult
    public func put(_ value: Value, at key: Key, weight: Int) throws(CacheError) -> Value? {
        while let current = try insert(ifAbsent: value, at: key, weight: weight) {
            guard current !== value else { return nil }
            if case .exchanged = try compareExchange(key, expected: current, desired: value, weight: weight) {
                return current
            }
        }
        return nil
    }

    /// Replaces a value, if it is still in the cache.
    ///
    /// Lock-free. The new value keeps the old one's position in the policy's queues. Its deadlines start anew.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - expected: The value that is to be replaced, by identity.
    ///   - desired: The value that replaces it.
    ///   - weight: The weight of `desired`, in bytes; 0 or more.
    /// - Returns: The result. `exchanged` also if the old value was removed and no room could be made for the new one;
    ///   then the new one's event says that it was evicted. `absent` also if the value has expired.
    /// - Throws: ``CacheError``; then the former value stays.
    /// - Complexity: O(1) amortised, and the evictions that make room for the weight that is added.
    @inlinable
    public func compareExchange(
        _ key: Key,
        expected: Value,
        desired: Value,
        weight: Int
    ) throws(CacheError) -> ExchangeResult<Value> {
        try checkWeight(weight)
        while true {
            let now = tick
            guard let current = map.get(key) else { return .absent }
            guard isAlive(current, at: now) else {
                try expire(current)
                continue
            }
            guard current.value === expected else { return .conflict(current.value) }
            let added = Swift.max(0, weight - current.weight)
            guard try reserve(added, for: key) else {
                guard try take(current, because: .replaced) else { continue }
                announce(current.node)
                giveUp(desired, at: key, weight: weight)
                return .exchanged
            }
            let entry = makeEntry(
                desired,
                node: current.node,
                weight: weight,
                at: now,
                frequency: current.frequency.load(ordering: .relaxed)
            )
            let result: ExchangeResult<CacheEntry<Key, Value>>
            do { result = try map.compareExchange(expected: current, desired: entry) } catch {
                counters.addWeight(-added)
                throw CacheError(error)
            }
            guard case .exchanged = result else {
                counters.addWeight(-added)
                continue
            }
            counters.addWeight(weight - current.weight - added)
            if policy.isWorthAnnouncing(entry.node, weight: weight) { announce(entry.node) }
            report(current, .replaced)
            return .exchanged
        }
    }

    /// Removes a value, if it is still in the cache.
    ///
    /// Lock-free.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - expecting: The value that is to be removed, by identity; `nil` removes any value.
    /// - Returns: The result; `absent` also if the value has expired.
    /// - Throws: ``CacheError/reclamationStalled``; then the value stays.
    /// - Complexity: O(1).
    @inlinable
    @discardableResult
    public func remove(_ key: Key, expecting: Value? = nil) throws(CacheError) -> ExchangeResult<Value> {
        while true {
            guard let current = map.get(key) else { return .absent }
            guard isAlive(current, at: tick) else {
                try expire(current)
                continue
            }
            if let expecting, current.value !== expecting { return .conflict(current.value) }
            if try take(current, because: .removed) {
                announce(current.node)
                return .exchanged
            }
        }
    }

    /// Removes all values that are in the cache throughout the call; each has its event.
    ///
    /// - Throws: ``CacheError/reclamationStalled``; then some values stay.
    /// - Complexity: O(*n*).
    @inlinable
    public func removeAll() throws(CacheError) {
        var cursor: MapCursor?
        repeat {
            let page = map.scan(from: cursor, limit: 64)
            for entry in page.entries {
                if try take(entry, because: isAlive(entry, at: tick) ? .removed : .expired) {
                    announce(entry.node)
                }
            }
            cursor = page.next
        } while cursor != nil
        maintain()
    }

    @inlinable
    func checkWeight(_ weight: Int) throws(CacheError) {
        precondition(weight >= 0, "a weight must not be negative")
        guard weight <= capacity else { throw .tooLarge(weight: weight, capacity: capacity) }
    }

    @inlinable
    func makeEntry(
        _ value: Value,
        node: KeyedPolicyNode<Key>,
        weight: Int,
        at now: UInt64,
        frequency: UInt8
    ) -> CacheEntry<Key, Value> {
        CacheEntry(
            value,
            node: node,
            weight: weight,
            idleDeadline: idleTicks == 0 ? .max : now &+ idleTicks,
            absoluteDeadline: absoluteTicks == 0 ? .max : now &+ absoluteTicks,
            frequency: frequency
        )
    }

    /// Removes an expired entry, if it is still in the map.
    @inlinable
    func expire(_ entry: CacheEntry<Key, Value>) throws(CacheError) {
        if try take(entry, because: .expired) { announce(entry.node) }
    }

    /// Removes an entry and reports that; returns `false` if it was not in the map any more.
    @inlinable
    func take(_ entry: CacheEntry<Key, Value>, because cause: RemovalCause) throws(CacheError) -> Bool {
        let result: ExchangeResult<CacheEntry<Key, Value>>
        do { result = try map.remove(entry) } catch { throw CacheError(error) }
        guard case .exchanged = result else { return false }
        counters.addWeight(-entry.weight)
        report(entry, cause)
        return true
    }

    /// Gives up a new value for which no room could be made.
    @inlinable
    func giveUp(_ value: Value, at key: Key, weight: Int) {
        counters.add(to: .evictions)
        counters.add(weight, to: .evictedWeight)
        onEvent?(key, value, .evicted)
    }

    /// Counts and reports that a value left the cache; called once, by the thread that took it out.
    @inlinable
    func report(_ entry: CacheEntry<Key, Value>, _ cause: RemovalCause) {
        var isUpkeepDue = false
        switch cause {
        case .replaced: isUpkeepDue = counters.add(to: .replacements) & 63 == 0 && expires
        case .removed: counters.add(to: .removals)
        case .expired: counters.add(to: .expirations)
        case .evicted:
            counters.add(to: .evictions)
            counters.add(entry.weight, to: .evictedWeight)
        }
        onEvent?(entry.key, entry.value, cause)
        // Replacements are not announced, but the policy has to visit expired entries all the same.
        if isUpkeepDue { maintain() }
    }
}
