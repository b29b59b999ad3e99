/// A key of a ``LockFreeMap``: small, cheap to pass, and hashed with the process's secret.
public protocol MapKey: Equatable, Sendable {
    /// A hash of 64 bits that nobody can foretell who does not know the seed.
    ///
    /// - Parameter seed: The map's secret.
    /// - Returns: Equal values for equal keys; all of its bits are used.
    func hash(_ seed: HashSeed) -> UInt64
}
