/// The sizes of the queues of a cache's eviction policy.
public struct CachePolicyParameters: Hashable, Sendable {
    /// The part of the capacity that newcomers have for themselves.
    public var smallShare: Double
    /// How many evicted keys are remembered, for each one that is there.
    public var ghostShare: Double
    /// How many reads take a newcomer into the main queue; 1 to 3.
    public var promotion: UInt8

    /// Makes parameters.
    ///
    /// - Parameters:
    ///   - smallShare: The part of the capacity that newcomers have for themselves; above 0, below 1.
    ///   - ghostShare: How many evicted keys are remembered, for each one that is there; 0 or more.
    ///   - promotion: How many reads take a newcomer into the main queue; 1 to 3.
    public init(smallShare: Double = 0.1, ghostShare: Double = 0.9, promotion: UInt8 = 2) {
        precondition(smallShare > 0 && smallShare < 1, "newcomers have a part of the whole")
        precondition(ghostShare >= 0, "nobody remembers less than nothing")
        precondition((1...3).contains(promotion), "reads are counted up to three")
        self.smallShare = smallShare
        self.ghostShare = ghostShare
        self.promotion = promotion
    }
}
