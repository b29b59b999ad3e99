internal import Synchronization

/// Secrets that come and go, such as tokens that are rotated.
///
/// A model inserts each token before it sends it, so that ``Secrets`` with this register find it in the answer.
public final class SecretRegister: Sendable {
    private let limit: Int
    private let newest = Mutex<[String]>([])

    /// Makes an empty register.
    ///
    /// - Parameter limit: The maximum number of secrets that are kept, the newest ones; at least 1.
    public init(limit: Int = 16) {
        precondition(limit > 0, "a register needs room for one secret")
        self.limit = limit
    }

    /// Adds a secret; the oldest one is forgotten if there are too many.
    ///
    /// - Complexity: O(*n*) in the limit.
    public func insert(_ text: String) {
        newest.withLock { newest in
            if newest.last == text { return }
            newest.removeAll { $0 == text }
            newest.append(text)
            if newest.count > limit { newest.removeFirst() }
        }
    }

    var texts: [String] { newest.withLock { $0 } }
}

extension SecretRegister: Hashable {
    /// Returns `true` for one and the same register.
    public static func == (a: SecretRegister, b: SecretRegister) -> Bool { a === b }

    /// Hashes the register's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension SecretRegister: CustomStringConvertible, CustomReflectable {
    /// The placeholder, not the secrets.
    public var description: String { Secrets.placeholder }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
