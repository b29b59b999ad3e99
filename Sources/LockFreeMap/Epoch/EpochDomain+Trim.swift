internal import CLockFree

extension EpochDomain {
    /// Releases everything that no thread which is pinned can hold, and gives the freed memory back to the system.
    ///
    /// - Complexity: O(*n*) in what waits in limbo and in the memory that the allocator holds. Other threads that allocate
    ///   from the same arena wait while it is trimmed.
    public func flushAndTrim() {
        flush()
        clockfree_trim()
    }
}
