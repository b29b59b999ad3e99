extension LockFreeCache {
    /// Keeps the clock's tick in memory and removes expired values, even without traffic, until the task is cancelled.
    ///
    /// This is the one background task of a cache, and it is optional. Without it reads ask the underlying clock, and a
    /// value past its deadline, which no read returns, stays in memory until a writer removes it.
    ///
    /// - Throws: The error of the underlying clock; nothing if the task is cancelled.
    public func run() async throws {
        try await clock.run(every: 100) {
            while expireDue() { await Task.yield() }
        }
    }

    /// Removes all values past their deadlines, and frees the memory that removals have left.
    ///
    /// - Complexity: O(*n*) if many entries were removed, else O(1).
    public func flush() {
        while expireDue() {}
        map.flush()
    }

    /// Removes values past their deadlines, up to 64.
    ///
    /// An entry is found within a second after its deadline.
    ///
    /// - Returns: `true` if there may be more; `false` also if another thread is removing them.
    /// - Complexity: O(1).
    @discardableResult
    public func expireDue() -> Bool {
        guard let upkeep = maintain() else { return false }
        return upkeep.hasMoreDue && !upkeep.isStalled
    }
}
