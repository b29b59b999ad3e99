/// The rights that a store needs on its server, command by command.
///
/// The store's user may run these commands, on keys of sessions only. `KEYS`, `SCAN`, `RANDOMKEY`, `FLUSHALL`,
/// `FLUSHDB`, `CONFIG`, `DEBUG`, `MIGRATE` and all other commands are denied. To list sessions requires an
/// administrator's user, which may run `SCAN` and `GET` too.
///
/// [ACL](https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
public struct AccessRules: Hashable, Sendable {
    /// The commands of the store's requests and of its script.
    static let commands = [
        "append", "asking", "client|setname", "cluster|slots", "eval", "evalsha", "exists", "getrange", "info",
        "persist", "pexpireat", "ping", "rename", "role", "select", "set", "setrange", "strlen", "time", "unlink",
        "wait",
    ]
    /// The further commands of an administrator's user, to list sessions.
    static let administration = ["get", "scan"]

    /// The user's name.
    public let user: String
    /// `true` if the user may list sessions.
    public let isAdministrator: Bool
    /// The namespace that the user sees; `nil` for sessions without one.
    public let namespace: RedisNamespace?

    /// Makes the rights of a user.
    ///
    /// - Parameters:
    ///   - user: The user's name: letters, digits, `-` and `_`.
    ///   - isAdministrator: `true` if the user may list sessions.
    ///   - namespace: The only namespace that the user sees; `nil` for sessions without one.
    public init(user: String, isAdministrator: Bool = false, namespace: RedisNamespace? = nil) {
        self.user = user
        self.isAdministrator = isAdministrator
        self.namespace = namespace
    }

    /// The rules without the password, as arguments of `ACL SETUSER` after the user's name.
    public var rules: [String] {
        let granted = (Self.commands + (isAdministrator ? Self.administration : [])).sorted()
        return ["reset", "on", "resetchannels", "~\(StoredKeys.beginning(namespace)){*", "-@all"]
            + granted.map { "+" + $0 }
    }

    /// A line for a file of users (`aclfile`), with a placeholder for the password's SHA-256.
    public var fileLine: String {
        "user \(user) " + rules.dropFirst().joined(separator: " ") + " #<sha-256 of the password, in hexadecimal>"
    }

    /// A command line that creates the user on a running server, with a placeholder for the password.
    public var commandLine: String {
        "ACL SETUSER \(user) \(rules.map { $0.contains("~") ? "'\($0)'" : $0 }.joined(separator: " ")) '>password'"
    }
}
