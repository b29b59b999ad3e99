public import CoreMetrics
public import Logging

/// Settings of a store's connections; an option of a ``RedisURL`` overrides the setting of the same name.
public struct RedisConfiguration: Sendable {
    /// The checks that are made of a server's certificate.
    public enum Verification: String, Hashable, Sendable {
        /// The certificate is signed by a trusted authority, and for the server's name.
        case full
        /// The certificate is signed by a trusted authority, for any name.
        case withoutName = "chain"
        /// No check: the other side may be anyone, and reads everything.
        case none
    }

    /// The namespace of all keys; `nil` for none.
    ///
    /// Two products that share a server need two.
    public var namespace: RedisNamespace?
    /// The number of connections to each node that small requests share, at least 1.
    public var connections = 1
    /// The most requests that wait for a connection to a node; one more fails at once, and nothing of it was sent.
    public var waitingLimit = 4096
    /// The longest that it takes to make a connection, the handshake included.
    public var connectTimeout: Duration = .seconds(2)
    /// The longest that a request that may be repeated waits for one node of a cluster, or for the primary that
    /// sentinels name, before it looks for another node.
    public var attemptTimeout: Duration = .seconds(2)
    /// The time after which the servers regard a node as failed: `cluster-node-timeout`, or the sentinels'
    /// `down-after-milliseconds`.
    ///
    /// Requests are retried for three times as long, because a failover takes up to twice as
    /// long.
    public var nodeTimeout: Duration = .seconds(15)
    /// The longest that a connection may owe a reply, or a sign of life, without a byte.
    public var stallLimit: Duration = .seconds(10)
    /// The name that `CLIENT LIST` shows; printable characters without spaces.
    public var clientName = "stateline"
    /// The name that the server's certificate has to be for, if it is not the host's; sent by SNI.
    ///
    /// Set it if a cluster or
    /// sentinels announce addresses.
    public var tlsServerName: String?
    /// The checks that are made of the server's certificate.
    public var tlsVerification = Verification.full
    /// Provides the credentials of each new connection, in place of those in the URL; `nil` for those.
    ///
    /// It is called from several tasks at once, also for every attempt to connect again, and cancelled when the time to
    /// connect is over. If it throws, the request fails as `denied`. Connections that stand keep theirs. Sentinels are
    /// entered with the URL's.
    public var credentials: (@Sendable () async throws -> RedisCredentials)?
    /// Takes warnings: a lost connection, a failover, refused credentials, an overload; `nil` for no log.
    public var logger: Logger?
    /// Makes the counters `stateline.redis.…` of ``ClientMetrics``; `nil` for none.
    public var metrics: (any MetricsFactory)?

    /// Makes settings with the defaults above.
    public init() {}
}
