public import NIOCore

internal import Crypto

/// A SHA-256 value: 32 bytes, held inline.
///
/// In JSON a digest is a string of 64 hexadecimal digits.
///
/// Source: FIPS 180-4.
public struct Digest: Hashable, Sendable {
    /// The number of bytes of a digest.
    public static let byteCount = 32

    private let words: InlineWords

    private struct InlineWords: Hashable, Sendable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0
    }

    /// Reads a digest's 32 bytes, or returns `nil` if there are fewer.
    public init?(from buffer: inout ByteBuffer) {
        guard let (a, b, c, d) = buffer.readMultipleIntegers(as: (UInt64, UInt64, UInt64, UInt64).self) else {
            return nil
        }
        self.words = InlineWords(a: a, b: b, c: c, d: d)
    }

    /// Reads 64 hexadecimal digits, or returns `nil` if the text is anything else.
    init?(hexadecimal text: String) {
        guard text.utf8.count == 2 * Self.byteCount,
            let middle = text.index(
                text.startIndex,
                offsetBy: Self.byteCount,
                limitedBy: text.endIndex
            )
        else { return nil }
        guard let high = UInt128(hexadecimal: text[..<middle]), let low = UInt128(hexadecimal: text[middle...]) else {
            return nil
        }
        self.words = InlineWords(
            a: UInt64(high >> 64),
            b: UInt64(truncatingIfNeeded: high),
            c: UInt64(low >> 64),
            d: UInt64(truncatingIfNeeded: low)
        )
    }

    init(_ digest: SHA256Digest) {
        // Safety: a SHA-256 digest has 32 bytes, and the pointer is used only inside the closure.
        words = unsafe digest.withUnsafeBytes { bytes in
            InlineWords(
                a: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                b: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                c: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                d: UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
            )
        }
    }

    private init(words: InlineWords) {
        self.words = words
    }

    static let zero = Digest(words: InlineWords())

    /// Appends the digest's 32 bytes.
    public func write(to buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(words.a, words.b, words.c, words.d)
    }

    /// Returns the digest of bytes.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public static func sha256(_ buffer: ByteBuffer) -> Digest {
        var hasher = SHA256()
        hasher.update(buffer)
        return Digest(hasher.finalize())
    }
}

extension Digest: CustomStringConvertible {
    /// The 64 hexadecimal digits.
    public var description: String {
        [words.a, words.b, words.c, words.d]
            .map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
    }
}

extension HashFunction {
    /// Adds a buffer's readable bytes to the hash, without a copy.
    mutating func update(_ buffer: ByteBuffer) {
        // Safety: the pointer is used only inside the closure, while the buffer's storage is alive.
        unsafe buffer.withUnsafeReadableBytes { unsafe update(bufferPointer: $0) }
    }
}
