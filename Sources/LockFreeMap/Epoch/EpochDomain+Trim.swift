internal import CLockFree

extension EpochDomain {
    /// Releases every object that no pinned thread can hold, and returns the freed memory to the system.
    ///
    /// - Complexity: O(*n*) in the objects in limbo and in the memory that the allocator holds. Other threads that
    ///   allocate from the same arena wait while it is trimmed.
    public func flushAndTrim() {
        flush()
        clockfree_trim()
    }
}
