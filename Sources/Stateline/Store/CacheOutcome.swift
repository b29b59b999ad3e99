/// The source of the snapshot that a turn began with.
@nonexhaustive
public enum CacheOutcome: String, Hashable, Sendable, Codable {
    /// There is no cache: the handle's own snapshot was taken, or the session was loaded for it.
    case bypassed
    /// The cache, without a request to the store.
    case hit
    /// The cache; the store was asked, and had nothing newer.
    case validated
    /// The cache and the store: the cached session was not the newest.
    case stale
    /// The store: the cache did not have the session.
    case miss
}
