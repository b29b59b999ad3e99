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
        }
    }

    /// Why a reply to it ends the connection; `nil` if it does not.
    func refusal(in reply: RESPValue) -> RedisError? {
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
        case .ping: return nil
        }
    }
}
