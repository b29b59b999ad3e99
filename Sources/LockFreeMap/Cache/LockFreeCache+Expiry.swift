extension LockFreeCache {
    /// Keeps the clock's tick in memory and takes out what expires, without any traffic, until the task is cancelled.
    ///
    /// A service: the one task that a cache needs, and it works without. Then reads ask the clock beneath, and what is
    /// past its deadline, though nobody can read it, stays in memory until writers come by.
    ///
    /// - Throws: Nothing at a cancellation; else what the clock beneath throws.
    public func run() async throws {
        try await clock.run(every: 100) {
            while expireDue() { await Task.yield() }
        }
    }

    /// Takes out all that is past its deadline, and gives back the memory that removals have left.
    ///
    /// - Complexity: O(*n*) where many entries have gone, else O(1).
    public func flush() {
        while expireDue() {}
        map.flush()
    }

    /// Takes out what is past its deadline, up to 64 entries; whether there may be more.
    ///
    /// An entry is found within a second after its deadline. `false` also where another thread is at it.
    ///
    /// - Complexity: O(1).
    @discardableResult
    public func expireDue() -> Bool {
        guard let upkeep = maintain() else { return false }
        return upkeep.hasMoreDue && !upkeep.isStalled
    }
}
