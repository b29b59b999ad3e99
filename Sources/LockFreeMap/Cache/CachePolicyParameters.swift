/// The sizes of the queues of a cache's eviction policy.
public struct CachePolicyParameters: Hashable, Sendable {
    /// The share of the capacity that is reserved for new entries.
    public var smallShare: Double
    /// The number of evicted keys that are remembered, for each entry in the cache.
    public var ghostShare: Double
    /// The number of reads that promote a new entry to the main queue; 1 to 3.
    public var promotion: UInt8

    /// Makes parameters.
    ///
    /// - Parameters:
    ///   - smallShare: The share of the capacity that is reserved for new entries; above 0, below 1.
    ///   - ghostShare: The number of evicted keys that are remembered, for each entry in the cache; 0 or more.
    ///   - promotion: The number of reads that promote a new entry to the main queue; 1 to 3.
    public init(smallShare: Double = 0.1, ghostShare: Double = 0.9, promotion: UInt8 = 2) {
        precondition(smallShare > 0 && smallShare < 1, "the share of new entries must be above 0 and below 1")
        precondition(ghostShare >= 0, "the share of remembered keys must not be negative")
        precondition((1...3).contains(promotion), "a promotion must take 1 to 3 reads")
        self.smallShare = smallShare
        self.ghostShare = ghostShare
        self.promotion = promotion
    }
}
