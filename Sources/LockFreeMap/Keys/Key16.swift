/// A key of 16 bytes, held in two words: an identifier of 128 bits, or a digest of something longer.
public struct Key16: MapKey, Hashable {
    /// The first eight bytes.
    public let first: UInt64
    /// The last eight bytes.
    public let second: UInt64

    /// Makes a key from its two words.
    @inlinable
    public init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// Returns a hash of two multiplications.
    @inlinable @inline(__always)
    public func hash(_ seed: HashSeed) -> UInt64 {
        (first ^ seed.words.0).multipliedFold(by: second ^ seed.words.1).multipliedFold(by: seed.words.2)
    }
}
