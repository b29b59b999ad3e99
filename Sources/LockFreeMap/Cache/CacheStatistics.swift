/// What a cache did since it was made.
///
/// Read while others write, the figures are of slightly different moments; at rest they are exact.
public struct CacheStatistics: Hashable, Sendable {
    /// Reads that found a value.
    public var hits = 0
    /// Reads that found none, or one whose time was over.
    public var misses = 0
    /// Values put where there was none.
    public var inserts = 0
    /// Values put in the place of another one.
    public var replacements = 0
    /// Values that were removed by a caller.
    public var removals = 0
    /// Values that had to make room.
    public var evictions = 0
    /// What those weighed together, in bytes.
    public var evictedWeight = 0
    /// Values whose time was over.
    public var expirations = 0

    /// Makes statistics of nothing.
    public init() {}
}
