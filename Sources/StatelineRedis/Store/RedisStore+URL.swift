internal import NIOCore
public import Stateline

extension RedisStore {
    /// Makes a store of the Redis that a URL names; connections are made when they are needed.
    ///
    /// A server that is down is no error here: an operation says so, at once and typed, and finds it again when it is
    /// back. Each connection asks its server besides whether it deletes live sessions when its memory is full
    /// (`maxmemory-policy`), and refuses such a server: in a cluster, its sessions alone. A policy that is changed while
    /// the connection stands is seen by the next one.
    ///
    /// - Parameters:
    ///   - url: Where the servers are, and how they are entered.
    ///   - lifetime: How long sessions live that this store commits to; `nil` for ever.
    ///   - retention: How long it is remembered that a session was deleted or has expired.
    ///   - acknowledgement: How far a commit has to get.
    ///   - timeout: How long an operation may take, what replicas are waited for aside; `nil` for 10 seconds with one
    ///     server, and for three times `RedisConfiguration.nodeTimeout`, which outlives a failover, with several.
    ///   - acceptsEviction: `true` to accept servers that may delete live sessions. On a server that evicts or has evicted
    ///     since it started, every session of which nothing is left is `gone(.evicted)`, also one that never existed:
    ///     the server cannot tell them apart. `Boundary.Opening.resumeOrCreate` then creates nothing; open a new session
    ///     with `.create`.
    ///   - configuration: Namespace, connections, timeouts, credentials and log. Options of the URL override this and the
    ///     arguments above.
    public convenience init(
        _ url: RedisURL,
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        acknowledgement: Acknowledgement = .primary,
        timeout: Duration? = nil,
        acceptsEviction: Bool = false,
        configuration: RedisConfiguration = RedisConfiguration()
    ) {
        let acceptsEviction = url.options.acceptsEviction ?? acceptsEviction
        var settings = ClusterConfiguration(configuration, url.options)
        settings.node.connection.acceptsEviction = acceptsEviction
        self.init(
            sender: RedisClients.make(for: url, settings),
            lifetime: lifetime,
            retention: retention,
            acknowledgement: url.options.acknowledgement ?? acknowledgement,
            timeout: url.timeout.map { Duration($0) } ?? timeout ?? Duration(settings.timeout(for: url.topology)),
            acceptsEviction: acceptsEviction,
            namespace: url.options.namespace ?? configuration.namespace
        )
    }

    /// The counts of what the store's client did since it was made.
    public var metrics: ClientMetrics { (sender as? any RedisClient)?.metrics ?? ClientMetrics() }

    /// Takes no more operations, and returns when all connections have ended, those that wait having been answered.
    ///
    /// A store that is dropped without it closes its connections too, and waits for nothing.
    public func close() async {
        await (sender as? any RedisClient)?.close()
    }
}
