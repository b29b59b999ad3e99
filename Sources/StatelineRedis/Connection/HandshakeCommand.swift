internal import NIOCore

/// What is said over a new connection before any request.
enum HandshakeCommand: Hashable, Sendable {
    /// Who we are, the user `nil` for the default one.
    case authenticate(user: String?, password: Secret)
    /// Which database.
    case select(Int)
    /// How the server's administrator sees the connection.
    case setName(String)
    /// Nothing but whether a server is there who talks to us.
    case ping
    /// Whether the server keeps what it was given when its memory is full.
    case askPolicy

    /// Writes it.
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

    /// Why a reply to it ends the connection; `nil` if it does not.
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
        // A server that is full says so in the place of the first reply.
        if text.hasPrefix("ERR max number of clients") {
            return RedisError(.unreachable, .notSent, message: "the server takes no more connections")
        }
        let code = RedisError.code(of: text)
        switch self {
        case .authenticate where code == "ERR":
            return RedisError(.denied, .notSent, message: "the server refused the credentials")
        case .authenticate, .select, .setName:
            return RedisError(.refused(code: code), .notSent, message: "the server refused the handshake (\(code))")
        // Whatever a server says of its state is an answer; each request learns it too.
        case .ping, .askPolicy: return nil
        }
    }

    /// Refuses a server that would delete live sessions.
    ///
    /// A server that does not tell its policy is accepted, because a user's rights may leave `INFO` out; one that cannot
    /// tell it now is not.
    private static func eviction(in reply: RESPValue) -> RedisError? {
        switch reply {
        case .bytes(let text):
            let field = "maxmemory_policy:"
            let lines = String(buffer: text).split(whereSeparator: \.isNewline)
            guard let line = lines.first(where: { $0.hasPrefix(field) }) else { return nil }
            // The volatile policies delete keys that have an expiry, as sessions have where they have a lifetime.
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
    /// The server would delete live sessions.
    fileprivate static func evicts(_ policy: String) -> RedisError {
        RedisError(
            .denied,
            .notSent,
            message: "the server deletes live sessions when its memory is full (maxmemory-policy \(policy)): "
                + "set noeviction there, or make the store with acceptsEviction: true"
        )
    }
}
