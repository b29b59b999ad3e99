/// The name of a session: an id within a tenant, and the family of the session from which it was forked.
///
/// Ids are any text of 1 to ``maximumLength`` UTF-8 bytes, including `/`, `{`, `}`, `:`, `*`, newlines and NUL. No part
/// is ever joined to another as text, so no id can name another session's data. A session that is not a fork is the
/// root of its own family. A fork keeps its root's family, so that a store can hold the whole tree in one place.
public struct SessionKey: Hashable, Sendable {
    /// The maximum number of UTF-8 bytes that an id or a tenant may have.
    public static let maximumLength = 64 << 10

    /// The owner of the session.
    public let tenant: Tenant
    /// The id of the tree's root; equal to ``id`` for a session that is not a fork.
    public let family: String
    /// The session's own id.
    public let id: String

    /// Names a session that is not a fork.
    public init(_ id: String, tenant: Tenant = .default) {
        self.init(id: id, family: id, tenant: tenant)
    }

    /// Names a fork by the id of its tree's root.
    ///
    /// The key of a session without its family names another session; keep both.
    ///
    /// - Parameters:
    ///   - id: The fork's own id.
    ///   - tenant: The owner.
    ///   - root: The id of the session that the tree began with, which is the fork's ``family``.
    public init(_ id: String, tenant: Tenant = .default, forkOf root: String) {
        self.init(id: id, family: root, tenant: tenant)
    }

    private init(id: String, family: String, tenant: Tenant) {
        self.tenant = tenant
        self.family = family
        self.id = id
    }

    /// Names a fork of this session: the same tenant, the same family, another id.
    public func fork(_ id: String) -> SessionKey {
        SessionKey(id: id, family: family, tenant: tenant)
    }

    /// `true` if the id, the family and the tenant have a length that stores accept.
    public var isValid: Bool {
        [id, family, tenant.rawValue].allSatisfy { (1...SessionKey.maximumLength).contains($0.utf8.count) }
    }
}

extension SessionKey: CustomStringConvertible {
    /// The tenant and the id, and for a fork its family in brackets.
    ///
    /// Control characters are escaped and the middle of long ids is left out, so that it is safe in a message. A `/` of a
    /// tenant, and a `(` of an id are written as `%2F` and `%28`, and a `%` as `%25`, so that short keys print apart.
    public var description: String {
        let owner = SessionKey.abbreviated(tenant.rawValue, escaping: "/", as: "%2F")
        let name = "\(owner)/\(SessionKey.abbreviated(id, escaping: "(", as: "%28"))"
        return isFork ? "\(name) (fork of \(SessionKey.abbreviated(family, escaping: "(", as: "%28")))" : name
    }

    var isFork: Bool { !SessionKey.hasSameBytes(id, family) }

    private static func abbreviated(_ text: String, escaping separator: String, as escape: String) -> String {
        let limit = 64
        let shown = (text.count > limit ? "\(text.prefix(limit / 2))...\(text.suffix(limit / 4))" : text)
            .replacing("%", with: "%25")
            .replacing(separator, with: escape)
        return String(shown.unicodeScalars.flatMap { $0.escaped(asASCII: false) })
    }
}
