/// A key of up to 39 bytes, held in five words: an identifier as text, for instance a UUID of 36 characters.
///
/// The whole key is inline, so that a comparison or a copy touches no other memory. A ``ByteKey`` takes any length, at
/// a higher cost.
public struct Key40: MapKey, Hashable {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

    /// The largest number of bytes of a key.
    @inlinable public static var capacity: Int { 39 }

    /// Makes a key from bytes.
    ///
    /// Returns `nil` for more than ``capacity`` bytes.
    ///
    /// - Parameter bytes: The key's bytes.
    /// - Complexity: O(1); nothing is allocated.
    @inlinable
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.capacity else { return nil }
        unsafe withUnsafeMutableBytes(of: &words) {
            // Safety: 39 bytes at most, then the length, are within the words.
            unsafe $0.copyMemory(from: bytes)
            unsafe $0[Self.capacity] = UInt8(bytes.count)
        }
    }

    /// Makes a key from the UTF-8 form of a text.
    ///
    /// Returns `nil` for more than ``capacity`` bytes.
    ///
    /// - Parameter text: The text.
    /// - Complexity: O(1); nothing is allocated.
    @inlinable
    public init?(_ text: String) {
        var text = text
        guard let key = text.withUTF8({ unsafe Key40(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = key
    }

    /// Returns `true` if two keys have the same bytes.
    @inlinable @inline(__always)
    public static func == (left: Key40, right: Key40) -> Bool {
        let (a, b) = (left.words, right.words)
        return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) | (a.4 ^ b.4) == 0
    }

    /// Returns a hash of four multiplications.
    @inlinable @inline(__always)
    public func hash(_ seed: HashSeed) -> UInt64 {
        let first = (words.0 ^ seed.words.0).multipliedFold(by: words.1 ^ seed.words.1)
        let second = (words.2 ^ seed.words.1).multipliedFold(by: words.3 ^ seed.words.2)
        let third = (words.4 ^ seed.words.2).multipliedFold(by: first ^ seed.words.3)
        return (second ^ third).multipliedFold(by: seed.words.0 | 1)
    }

    /// Feeds the key's bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
        hasher.combine(words.4)
    }
}
