internal import NIOCore

extension RedisConnection {
    /// The settings of a connection.
    struct Configuration: Sendable {
        /// The user; `nil` for the default user.
        var user: String?
        /// The password; `nil` for no authentication.
        var password: Secret?
        /// Provides user and password of each new connection in place of those above; `nil` for none.
        var credentials: (@Sendable () async throws -> RedisCredentials)?
        /// The database.
        var database = 0
        /// The settings of the encryption; `nil` for none.
        var tls: RedisTLS?
        /// The name that `CLIENT LIST` shows, without spaces.
        var clientName: String?
        /// `true` to accept servers that evict live sessions when their memory is full.
        ///
        /// Otherwise each connection asks for the policy in its handshake, without a further round trip. So a node is
        /// asked on first use, and again after a promotion, a restart or a change of the topology.
        var acceptsEviction = true
        /// The limits of a reply.
        var limits = ReplyLimits()
        /// The maximum number of commands that wait for replies.
        var inFlightLimit = 65_536
        /// The maximum number of bytes that wait to be written; a single request may be larger.
        var outgoingLimit = 64 << 20
        /// The idle time after which the connection sends a ping; `nil` for never.
        var keepAlive: TimeAmount? = .seconds(30)
        /// The maximum time without a byte while the reply to a ping or to an abandoned request is due.
        var stallLimit: TimeAmount = .seconds(10)
        /// The maximum time without a byte while the oldest reply is due; `nil` for no limit.
        ///
        /// After it another connection is made, and replaces this one if the server answers there. The time that the
        /// server blocks on purpose (`WAIT`) is added, and that of the request's bytes at 256 KiB a second.
        var silenceLimit: TimeAmount? = .seconds(1)
        /// The time after which a task's cancellation is noticed, plus a microsecond for each waiting request.
        var cancellationPause: TimeAmount = .milliseconds(10)

        /// The commands of the handshake.
        var handshake: [HandshakeCommand] {
            var commands: [HandshakeCommand] = []
            if let password { commands.append(.authenticate(user: user, password: password)) }
            if database != 0 { commands.append(.select(database)) }
            if let clientName { commands.append(.setName(clientName)) }
            if !acceptsEviction { commands.append(.askPolicy) }
            return commands.isEmpty ? [.ping] : commands
        }
    }
}
