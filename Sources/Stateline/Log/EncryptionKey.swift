internal import Crypto

/// A master key of 256 bits, under which the keys of sessions are wrapped.
///
/// Descriptions, dumps and errors never show more than the id. The bits are held in memory that is overwritten when the
/// last copy of the key is released.
public struct EncryptionKey: Sendable {
    /// The number of bytes of a key.
    public static let byteCount = 32

    /// The number by which stored batches name the key.
    ///
    /// It is no secret. A key ring has one key for each number.
    public let id: UInt32
    let secret: SymmetricKey

    /// Makes a key of its bytes, or returns `nil` if there are not 32.
    ///
    /// - Parameters:
    ///   - id: The number of the key; another key never gets it.
    ///   - bytes: 32 bytes from a generator of random keys: no password, and no text.
    public init?(id: UInt32, bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(id: id, secret: SymmetricKey(data: Array(bytes)))
    }

    /// Makes a key of 64 hexadecimal digits, as `openssl rand -hex 32` prints them; returns `nil` for any other text.
    ///
    /// - Parameters:
    ///   - id: The number of the key; another key never gets it.
    ///   - digits: The digits.
    public init?(id: UInt32, hexadecimal digits: String) {
        let half = Self.byteCount
        guard digits.utf8.count == 2 * half, let high = UInt128(hexadecimal: digits.prefix(half)),
            let low = UInt128(hexadecimal: digits.suffix(half))
        else { return nil }
        self.init(id: id, bytes: [high, low].flatMap(\.bigEndianBytes))
    }

    private init(id: UInt32, secret: SymmetricKey) {
        self.id = id
        self.secret = secret
    }

    /// Draws a key from the system's generator: for tests, and for sessions that end with the process.
    public static func random(id: UInt32) -> EncryptionKey {
        EncryptionKey(id: id, secret: SymmetricKey(size: .bits256))
    }
}

extension EncryptionKey: CustomStringConvertible, CustomReflectable {
    /// The id and a placeholder, not the key.
    public var description: String { "key \(id): \(SessionCipher.placeholder)" }
    /// A mirror of the id alone.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

extension UInt128 {
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: self >> (8 * (15 - $0))) }
    }
}
