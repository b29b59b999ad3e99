/// How far a run is.
public struct LoadProgress: Hashable, Sendable {
    /// Turns that have ended.
    public var turns: Int
    /// Turns that ended in the last second.
    public var rate: Double
    /// Since the run began.
    public var elapsed: Duration
    /// Until it ends, as far as can be told.
    public var left: Duration?
}
