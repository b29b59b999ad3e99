internal import NIOCore

/// A command that is sent over a new connection before any request.
enum HandshakeCommand: Hashable, Sendable {
    /// Authenticates as a user; `nil` for the default user.
    case authenticate(user: String?, password: Secret)
    /// Selects a database.
    case select(Int)
    /// Sets the name that `CLIENT LIST` shows.
    case setName(String)
    /// Checks that a server answers.
    case ping
    /// Asks for the server's eviction policy.
    case askPolicy

    /// Writes the command.
    func encode(into encoder: inout CommandEncoder) {
        switch self {
        case .authenticate(let user, let password):
            encoder.command(user == nil ? 2 : 3)
            encoder.argument("AUTH")
            if let user { encoder.argument(user) }
            encoder.argument(password.value)
        case .select(let database):
            encoder.command(2)
            encoder.argument("SELECT")
            encoder.argument(database)
        case .setName(let name):
            encoder.command(3)
            encoder.argument("CLIENT")
            encoder.argument("SETNAME")
            encoder.argument(name)
        case .ping:
            encoder.command(1)
            encoder.argument("PING")
        case .askPolicy:
            encoder.command(2)
            encoder.argument("INFO")
            encoder.argument("memory")
        }
    }

    /// Returns the error with which a reply ends the connection; `nil` for none.
    func refusal(in reply: RESPValue) -> RedisError? {
        if self == .askPolicy { return Self.eviction(in: reply) }
        guard case .error(let text) = reply else {
            let expected: RESPValue = self == .ping ? .status("PONG") : .status("OK")
            return reply == expected ? nil : .unasked(reply)
        }
        if var denial = RedisError.denial(in: reply) {
            denial = RedisError(denial.reason, .notSent, message: denial.message)
            return denial
        }
        // A server with too many clients sends this in place of the first reply.
        if text.hasPrefix("ERR max number of clients") {
            return RedisError(.unreachable, .notSent, message: "the server has reached maxclients")
        }
        let code = RedisError.code(of: text)
        switch self {
        case .authenticate where code == "ERR":
            let isSuperfluous = text.contains("without any password")
            let message =
                isSuperfluous
                ? "the server has no password: remove it from the URL" : "the server refused the credentials"
            return RedisError(.denied, .notSent, message: message)
        case .select(let database) where code == "ERR":
            return RedisError(.refused(code: code), .notSent, message: Self.refusal(of: database, text))
        case .authenticate, .select, .setName:
            return RedisError(.refused(code: code), .notSent, message: "the server refused the handshake (\(code))")
        // An error about the server's state is an answer; each request gets it too.
        case .ping, .askPolicy: return nil
        }
    }

    /// Describes the refusal of a database, without the server's text.
    private static func refusal(of database: Int, _ text: String) -> String {
        if text.contains("cluster mode") { return "a cluster has only database 0: remove /\(database) from the URL" }
        return "the server has no database \(database): use a lower number, or raise its setting 'databases'"
    }

    /// Returns an error for a server that would evict live sessions.
    ///
    /// A server that does not show its policy is accepted, because the user may lack the right to `INFO`. A server that
    /// cannot answer now is refused.
    private static func eviction(in reply: RESPValue) -> RedisError? {
        switch reply {
        case .bytes(let text):
            let field = "maxmemory_policy:"
            let lines = String(buffer: text).split(whereSeparator: \.isNewline)
            guard let line = lines.first(where: { $0.hasPrefix(field) }) else { return nil }
            // The volatile policies evict keys with an expiry, and sessions with a lifetime have one.
            let policy = line.dropFirst(field.count)
            return policy == "noeviction" ? nil : .evicts(String(policy))
        case .error(let text):
            let code = RedisError.code(of: text)
            if ["NOPERM", "ERR"].contains(code) { return nil }
            return RedisError(.refused(code: code), .notSent, message: "the server refused the handshake (\(code))")
        case .status, .integer, .array, .null: return .unasked(reply)
        }
    }
}

extension RedisError {
    /// Makes the error for a server that would evict live sessions.
    fileprivate static func evicts(_ policy: String) -> RedisError {
        RedisError(
            .denied,
            .notSent,
            message: "the server evicts live sessions when its memory is full (maxmemory-policy \(policy)): "
                + "set noeviction there, or make the store with acceptsEviction: true"
        )
    }
}
