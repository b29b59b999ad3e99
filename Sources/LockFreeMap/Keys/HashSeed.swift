/// The secret with which a process hashes its keys, so that an attacker cannot craft keys that collide.
public struct HashSeed: Sendable {
    @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a seed from known words: for tests, which craft keys that collide.
    public init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        words = (first, second, third, fourth)
    }

    /// The seed of this process, drawn from the system's source of randomness at its first use.
    public static let process = {
        var generator = SystemRandomNumberGenerator()
        return HashSeed(generator.next(), generator.next(), generator.next(), generator.next())
    }()
}

extension UInt64 {
    /// Folds the two halves of a full product into one word: the mixing step of the hashes here.
    ///
    /// Source: W. Yi, *wyhash*, 2019 (the MUM step of V. Makarov).
    @inlinable @inline(__always)
    func multipliedFold(by other: UInt64) -> UInt64 {
        let (high, low) = multipliedFullWidth(by: other)
        return high ^ low
    }
}
