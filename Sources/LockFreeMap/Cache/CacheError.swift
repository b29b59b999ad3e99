/// Why a cache refused a value.
public enum CacheError: Error, Hashable, Sendable {
    /// The value alone weighs more than the cache may hold; both in bytes.
    case tooLarge(weight: Int, capacity: Int)
    /// A reader that stands still keeps what was removed from being freed, and there is as much of it as is allowed.
    case reclamationStalled

    /// What a refusal of the map means for the cache.
    @usableFromInline
    init(_ error: LockFreeMapError) {
        switch error {
        case .reclamationStalled: self = .reclamationStalled
        }
    }
}
