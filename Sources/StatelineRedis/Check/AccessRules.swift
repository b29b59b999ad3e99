/// The rights that a store needs of its server, command by command, and no more.
///
/// The store's user names each command and sees no key but sessions'. `KEYS`, `SCAN`, `RANDOMKEY`, `FLUSHALL`,
/// `FLUSHDB`, `CONFIG`, `DEBUG`, `MIGRATE` and all else is denied to it; to list sessions takes the administrator's
/// user, who has `SCAN` and `GET` too.
///
/// [ACL](https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
public struct AccessRules: Hashable, Sendable {
    /// What the store's path of requests needs, its scripts' commands included.
    static let commands = [
        "append", "asking", "client|setname", "cluster|slots", "eval", "evalsha", "exists", "getrange", "info",
        "persist", "pexpireat", "ping", "rename", "role", "select", "set", "setrange", "strlen", "time", "unlink",
        "wait",
    ]
    /// What an administrator's user needs besides, to list sessions.
    static let administration = ["get", "scan"]

    /// The user's name.
    public let user: String
    /// Whether the user may list sessions.
    public let isAdministrator: Bool
    /// The namespace that the user sees; `nil` for sessions without one.
    public let namespace: RedisNamespace?

    /// Describes the rights of a user.
    ///
    /// - Parameters:
    ///   - user: The user's name: letters, digits, `-` and `_`.
    ///   - isAdministrator: Whether the user may list sessions.
    ///   - namespace: The namespace that the user sees, and no other; `nil` for sessions without one.
    public init(user: String, isAdministrator: Bool = false, namespace: RedisNamespace? = nil) {
        self.user = user
        self.isAdministrator = isAdministrator
        self.namespace = namespace
    }

    /// The rules, as arguments of `ACL SETUSER` after the user's name, but for the password.
    public var rules: [String] {
        let granted = (Self.commands + (isAdministrator ? Self.administration : [])).sorted()
        return ["reset", "on", "resetchannels", "~\(StoredKeys.beginning(namespace)){*", "-@all"]
            + granted.map { "+" + $0 }
    }

    /// A line for a file of users (`aclfile`), with a place for the password's SHA-256.
    public var fileLine: String {
        "user \(user) " + rules.dropFirst().joined(separator: " ") + " #<sha-256 of the password, in hexadecimal>"
    }

    /// A command line that makes the user on a running server; it asks for nothing and shows no password.
    public var commandLine: String {
        "ACL SETUSER \(user) \(rules.map { $0.contains("~") ? "'\($0)'" : $0 }.joined(separator: " ")) '>password'"
    }
}
