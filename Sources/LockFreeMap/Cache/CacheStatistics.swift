/// The figures of a cache since it was made.
///
/// While threads write, the figures are of slightly different moments; at rest they are exact.
public struct CacheStatistics: Hashable, Sendable {
    /// Reads that found a value.
    public var hits = 0
    /// Reads that found no value, or an expired one.
    public var misses = 0
    /// Values that were inserted under a key without one.
    public var inserts = 0
    /// Values that replaced another one.
    public var replacements = 0
    /// Values that were removed by a caller.
    public var removals = 0
    /// Values that were evicted to make room.
    public var evictions = 0
    /// The weight of all evicted values together, in bytes.
    public var evictedWeight = 0
    /// Values that expired.
    public var expirations = 0

    /// Makes statistics of zeros.
    public init() {}
}
