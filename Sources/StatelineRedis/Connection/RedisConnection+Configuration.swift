internal import NIOCore

extension RedisConnection {
    /// How a connection is made and what it allows.
    struct Configuration: Sendable {
        /// Who we are; `nil` for the default user.
        var user: String?
        /// The password; without one nothing is said of who we are.
        var password: Secret?
        /// Provides user and password of each new connection in place of those above; `nil` for none.
        var credentials: (@Sendable () async throws -> RedisCredentials)?
        /// The database.
        var database = 0
        /// How the connection is encrypted; `nil` for not at all.
        var tls: RedisTLS?
        /// How the server's administrator sees the connection: no spaces.
        var clientName: String?
        /// `true` if servers are accepted that delete live sessions when their memory is full.
        ///
        /// Otherwise each connection asks for the policy in its handshake, without a further round trip: so a node is
        /// asked on first use, and again after a promotion, a restart or a change of the topology.
        var acceptsEviction = true
        /// What one reply may cost.
        var limits = ReplyLimits()
        /// How many commands may wait for their replies.
        var inFlightLimit = 65_536
        /// How many bytes may wait to be written; a single request may be larger.
        var outgoingLimit = 64 << 20
        /// How long a connection may be idle before the server is asked for a sign of life; `nil` for never.
        var keepAlive: TimeAmount? = .seconds(30)
        /// How long a server may take for a sign of life, or owe a reply that nobody waits for, without a byte.
        var stallLimit: TimeAmount = .seconds(10)
        /// How long a server may owe the oldest reply without a byte; `nil` for ever.
        ///
        /// Then another connection is made beside this one, and takes its place if the server answers there. The time that
        /// the server takes on purpose (`WAIT`), and that of the request's bytes at 256 KiB a second, come on top.
        var silenceLimit: TimeAmount? = .seconds(1)
        /// After what time, plus a microsecond for each request that waits, it is noticed that a task was cancelled.
        var cancellationPause: TimeAmount = .milliseconds(10)

        /// What is said first.
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
