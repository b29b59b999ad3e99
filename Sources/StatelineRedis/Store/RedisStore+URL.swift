internal import NIOCore
public import Stateline

extension RedisStore {
    /// Makes a store in the Redis that a URL names.
    ///
    /// Connections are made on demand.
    ///
    /// A server that is down is not an error here: each operation fails at once with a typed error, until the server is
    /// back. Each connection asks its server for the eviction policy (`maxmemory-policy`), and refuses a server that
    /// evicts live sessions; in a cluster this affects that server's sessions only. The next connection sees a policy
    /// that is changed later.
    ///
    /// - Parameters:
    ///   - url: The servers and the credentials.
    ///   - lifetime: The lifetime of sessions that this store commits to; `nil` for ever.
    ///   - retention: The time for which the store remembers that a session was deleted or has expired.
    ///   - acknowledgement: The replicas that a commit waits for.
    ///   - timeout: The maximum time that an operation takes, without the wait for replicas; `nil` for 10 seconds with
    ///     one server, and for three times `RedisConfiguration.nodeTimeout`, which outlives a failover, with several.
    ///   - acceptsEviction: `true` to accept servers that may evict live sessions. On a server that evicts, or has
    ///     evicted since it started, a session without any data is `gone(.evicted)`, even if it never existed, because
    ///     the server cannot tell the difference. `Boundary.Opening.resumeOrCreate` then creates nothing; open a new
    ///     session with `.create`.
    ///   - configuration: Namespace, connections, timeouts, credentials and log. Options of the URL override this and
    ///     the arguments above.
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
            sender: RedisClient(url, settings),
            lifetime: lifetime,
            retention: retention,
            acknowledgement: url.options.acknowledgement ?? acknowledgement,
            timeout: url.timeout.map { Duration($0) } ?? timeout ?? Duration(settings.timeout(for: url.topology)),
            acceptsEviction: acceptsEviction,
            namespace: url.options.namespace ?? configuration.namespace
        )
    }

    /// Accepts no more operations, and returns when all connections have ended; operations under way are answered
    /// first.
    ///
    /// A store that is released without a call to this method closes its connections at once.
    public func close() async {
        await (sender as? RedisClient)?.close()
    }
}
