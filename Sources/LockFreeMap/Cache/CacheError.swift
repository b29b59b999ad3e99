/// A cache's refusal of a write.
public enum CacheError: Error, Hashable, Sendable {
    /// The value weighs more than the capacity of the cache; both in bytes.
    case tooLarge(weight: Int, capacity: Int)
    /// A blocked reader keeps removed objects from being released, and limbo has reached ``EpochDomain/limit``.
    case reclamationStalled

    /// Makes the error of a refusal by the map.
    @usableFromInline
    init(_ error: LockFreeMapError) {
        switch error {
        case .reclamationStalled: self = .reclamationStalled
        }
    }
}
