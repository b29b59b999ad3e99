/// A key of a ``LockFreeMap``: small, cheap to pass, and hashed with the process's secret.
public protocol MapKey: Equatable, Sendable {
    /// Returns a hash of 64 bits that cannot be predicted without the seed.
    ///
    /// - Parameter seed: The map's secret.
    /// - Returns: Equal values for equal keys; the map uses all bits.
    func hash(_ seed: HashSeed) -> UInt64
}
