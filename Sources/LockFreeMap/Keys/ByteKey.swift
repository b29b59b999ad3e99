/// A key of any number of bytes: up to 40 are inline, a longer key is in an object of its own.
public struct ByteKey: MapKey {
    /// The bytes of a key that is too long to be inline.
    @usableFromInline
    final class Storage: Sendable {
        @usableFromInline let bytes: [UInt8]

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = unsafe Array(bytes)
        }
    }

    /// The largest number of bytes that are inline.
    @usableFromInline static var inlineCapacity: Int { 40 }

    /// The bytes of a short key, padded with zeros; all zeros for a long one.
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    /// The number of bytes of the key.
    public let count: Int
    @usableFromInline var storage: Storage?

    /// Makes a key from bytes.
    ///
    /// - Complexity: O(*n*); nothing is allocated for up to 40 bytes.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        if bytes.count <= Self.inlineCapacity {
            unsafe withUnsafeMutableBytes(of: &words) { unsafe $0.copyMemory(from: bytes) }
        } else {
            storage = unsafe Self.store(bytes)
        }
    }

    /// Makes a key from the UTF-8 form of a text.
    ///
    /// - Complexity: O(*n*); nothing is allocated for up to 40 bytes.
    @inlinable
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { unsafe ByteKey(UnsafeRawBufferPointer($0)) }
    }

    @usableFromInline
    static func store(_ bytes: UnsafeRawBufferPointer) -> Storage {
        unsafe Storage(bytes)
    }

    /// Returns `true` if two keys have the same bytes.
    @inlinable @inline(__always)
    public static func == (left: ByteKey, right: ByteKey) -> Bool {
        let (a, b) = (left.words, right.words)
        let difference =
            (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) | (a.4 ^ b.4)
            | UInt64(truncatingIfNeeded: left.count ^ right.count)
        guard difference == 0 else { return false }
        return left.count <= inlineCapacity || left.storage!.bytes == right.storage!.bytes
    }

    /// Returns a hash of four multiplications, or of one for each 16 bytes of a long key and one more.
    @inlinable @inline(__always)
    public func hash(_ seed: HashSeed) -> UInt64 {
        guard count <= Self.inlineCapacity else { return longHash(seed) }
        let first = (words.0 ^ seed.words.0).multipliedFold(by: words.1 ^ seed.words.1)
        let second = (words.2 ^ seed.words.1).multipliedFold(by: words.3 ^ seed.words.2)
        let third = (words.4 ^ seed.words.2).multipliedFold(by: UInt64(truncatingIfNeeded: count) ^ seed.words.3)
        return (first ^ second &+ third ^ seed.words.3).multipliedFold(by: seed.words.0 | 1)
    }

    @usableFromInline
    func longHash(_ seed: HashSeed) -> UInt64 {
        var state = seed.words.0 ^ UInt64(truncatingIfNeeded: count)
        unsafe storage!.bytes
            .withUnsafeBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    var block: (UInt64, UInt64) = (0, 0)
                    let end = Swift.min(offset + 16, bytes.count)
                    unsafe withUnsafeMutableBytes(of: &block) {
                        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
                    }
                    state = (state ^ block.0 ^ seed.words.1).multipliedFold(by: block.1 ^ seed.words.2 ^ state)
                    offset = end
                }
            }
        return state.multipliedFold(by: seed.words.3 | 1)
    }
}

extension ByteKey: Hashable {
    /// Feeds the key's bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        if let storage {
            hasher.combine(storage.bytes)
        } else {
            hasher.combine(words.0)
            hasher.combine(words.1)
            hasher.combine(words.2)
            hasher.combine(words.3)
            hasher.combine(words.4)
        }
    }
}
