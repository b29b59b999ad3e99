/// The progress of a run.
public struct LoadProgress: Hashable, Sendable {
    /// The number of turns that ended.
    public var turns: Int
    /// The number of turns that ended in the last second.
    public var rate: Double
    /// The time since the beginning of the run.
    public var elapsed: Duration
    /// The estimated time until the end of the run; `nil` if unknown.
    public var left: Duration?
}
