public import Synchronization

extension LockFreeCache {
    /// Lends a value to a closure, without retaining it.
    ///
    /// Wait-free. Counts as a read of the value, and moves its idle deadline. The closure must not block or `await`,
    /// and must not let the value escape other than by a strong reference that it takes.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Receives the value; not called if there is none, or an expired one.
    /// - Returns: The closure's result; `nil` if it was not called.
    /// - Throws: The closure's error.
    /// - Complexity: O(1).
    @inlinable
    public func withValue<Result, Failure: Error>(
        _ key: Key,
        _ body: (Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let now = tick
        let found: Result?? = try map.withValue(key) { entry throws(Failure) -> Result? in
            guard read(entry, at: now) else { return nil }
            countHit()
            return try body(entry.value)
        }
        guard let result = found ?? nil else {
            countMiss()
            return nil
        }
        return result
    }

    /// Returns a value, retained.
    ///
    /// Counts as a read of the value, and moves its idle deadline.
    ///
    /// - Parameter key: The key.
    /// - Returns: The value; `nil` if there is none, or an expired one.
    /// - Complexity: O(1).
    @inlinable
    public func get(_ key: Key) -> Value? {
        guard let entry = map.get(key), read(entry, at: tick) else {
            countMiss()
            return nil
        }
        countHit()
        return entry.value
    }

    /// Counts as a read for the value's idle deadline and for the policy, but neither as a hit nor as a miss.
    ///
    /// - Parameter key: The key.
    /// - Returns: `true` if there is a value that has not expired.
    /// - Complexity: O(1).
    @inlinable
    @discardableResult
    public func touch(_ key: Key) -> Bool {
        let now = tick
        return map.withValue(key) { read($0, at: now) } ?? false
    }

    /// Returns `true` if an entry has not expired.
    @inlinable @inline(__always)
    func isAlive(_ entry: CacheEntry<Key, Value>, at now: UInt64) -> Bool {
        !expires || entry.deadline > now
    }

    /// Counts a read in the entry and moves its idle deadline; returns `false` if it has expired.
    @inlinable @inline(__always)
    func read(_ entry: CacheEntry<Key, Value>, at now: UInt64) -> Bool {
        if expires {
            guard entry.absoluteDeadline > now else { return false }
            if idleTicks != 0 {
                let deadline = entry.idleDeadline.load(ordering: .relaxed)
                guard deadline > now else { return false }
                if now &+ idleTicks > deadline &+ idleStep {
                    entry.idleDeadline.store(now &+ idleTicks, ordering: .relaxed)
                }
            }
        }
        entry.countRead()
        return true
    }

    @inlinable @inline(__always)
    func countHit() {
        if counters.add(to: .hits) & 63 == 0, expires { clock.refresh() }
    }

    @inlinable @inline(__always)
    func countMiss() {
        if counters.add(to: .misses) & 63 == 0, expires { clock.refresh() }
    }
}
