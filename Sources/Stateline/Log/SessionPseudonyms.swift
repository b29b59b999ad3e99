internal import Crypto

/// Names of sessions for logs and spans, from which the sessions' ids cannot be found.
///
/// A name is the beginning of the HMAC-SHA256 of the tenant and the id under a key. The same session has the same name for
/// each holder of the key.
///
/// Source: RFC 2104.
public struct SessionPseudonyms: Sendable {
    /// Names under a random key of this process.
    public static let ofProcess = SessionPseudonyms(.random(id: 0))

    private let key: EncryptionKey

    /// Makes the names of a key.
    ///
    /// - Parameter key: A key that is used for nothing else; the processes whose logs are read together share it.
    public init(_ key: EncryptionKey) {
        self.key = key
    }

    /// Returns the name of a session: 16 hexadecimal digits.
    ///
    /// - Complexity: O(*n*) in the length of the key, about a microsecond.
    public func name(of session: SessionKey) -> String {
        var code = HMAC<SHA256>(key: key.secret)
        for part in [session.tenant.rawValue, session.family, session.id] {
            code.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        let bits = code.finalize().prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension SessionPseudonyms: CustomStringConvertible, CustomReflectable {
    /// A placeholder, not the key.
    public var description: String { SessionCipher.placeholder }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
