public import Logging

/// The settings of a store's connections.
///
/// An option of a ``RedisURL`` overrides the setting of the same name.
public struct RedisConfiguration: Sendable {
    /// The namespace of all keys; `nil` for none.
    ///
    /// Two products that share a server need two namespaces.
    public var namespace: RedisNamespace?
    /// The number of connections to each node that small requests share, at least 1.
    public var connections = 1
    /// The maximum number of requests that wait for a connection to a node.
    ///
    /// One more fails at once, with nothing sent.
    public var waitingLimit = 4096
    /// The maximum time that it takes to make a connection, the handshake included.
    public var connectTimeout: Duration = .seconds(2)
    /// The maximum time that a request that may be repeated waits for one node of a cluster, or for the primary that
    /// sentinels name, before it looks for another node.
    public var attemptTimeout: Duration = .seconds(2)
    /// The time after which the servers regard a node as failed: `cluster-node-timeout`, or the sentinels'
    /// `down-after-milliseconds`.
    ///
    /// The default timeout of an operation is three times as long, because a failover takes up to twice as long.
    public var nodeTimeout: Duration = .seconds(15)
    /// The maximum time without a byte while the reply to a ping or to an abandoned request is due.
    public var stallLimit: Duration = .seconds(10)
    /// The name that `CLIENT LIST` shows; printable characters without spaces.
    public var clientName = "stateline"
    /// The name that the server's certificate has to be for, if it is not the host's; sent by SNI.
    ///
    /// Set it if a cluster or sentinels announce addresses.
    public var tlsServerName: String?
    /// The checks that are made of the server's certificate.
    public var tlsVerification = CertificateVerification.full
    /// Provides the credentials of each new connection, in place of those in the URL; `nil` for those in the URL.
    ///
    /// It is called from several tasks at once, for every attempt to connect, and cancelled when ``connectTimeout`` is
    /// over. If it throws, the request fails as `denied`. Existing connections keep their credentials. Sentinels get
    /// the URL's.
    public var credentials: (@Sendable () async throws -> RedisCredentials)?
    /// The logger of the client's events; `nil` for no log.
    ///
    /// Lost, slow and refused connections, failovers and overloads are warnings; a connection that was made again is a
    /// notice; redirections and requests that are sent again are for debugging. Normal operation logs nothing. Lines
    /// have metadata under `stateline.`, and neither keys nor content nor credentials. <doc:OperatingRedis> lists them.
    public var logger: Logger?

    /// Makes settings with the defaults above.
    public init() {}
}
