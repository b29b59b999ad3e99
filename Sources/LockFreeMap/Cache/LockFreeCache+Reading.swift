public import Synchronization

extension LockFreeCache {
    /// Lends a value to a closure, without retaining it.
    ///
    /// Wait-free. Counts as a read of the value, and moves its idle deadline. Don't block in the closure, don't call `await`, and
    /// don't let the value escape other than by a strong reference that the closure takes.
    ///
    /// - Parameters:
    ///   - key: What the value is found by.
    ///   - body: What is done with it; not called where there is none, or one whose time is over.
    /// - Returns: What the closure returned; `nil` where it was not called.
    /// - Throws: What the closure throws.
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

    /// A value, retained.
    ///
    /// Counts as a read of the value, and moves its idle deadline.
    ///
    /// - Parameter key: What the value is found by.
    /// - Returns: The value; `nil` where there is none, or one whose time is over.
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

    /// Reads a value for the sake of its idle deadline and of its standing with the policy; counts neither as a hit nor
    /// as a miss.
    ///
    /// - Parameter key: What the value is found by.
    /// - Returns: Whether there is one, and its time is not over.
    /// - Complexity: O(1).
    @inlinable
    @discardableResult
    public func touch(_ key: Key) -> Bool {
        let now = tick
        return map.withValue(key) { read($0, at: now) } ?? false
    }

    /// Whether an entry's time is not over.
    @inlinable @inline(__always)
    func isAlive(_ entry: CacheEntry<Key, Value>, at now: UInt64) -> Bool {
        !expires || entry.deadline > now
    }

    /// Counts a read with the entry and moves its idle deadline; `false` where its time is over.
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
