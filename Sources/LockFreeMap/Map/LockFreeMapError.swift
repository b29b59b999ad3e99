/// A map's refusal of a write.
public enum LockFreeMapError: Error, Hashable, Sendable {
    /// A blocked reader keeps retired objects from being released, and limbo has reached ``EpochDomain/limit``.
    ///
    /// Nothing was written. Reads continue; writes continue once the reader does.
    case reclamationStalled
}
