internal import NIOCore

/// A client of one server, of a cluster, or of the primary that sentinels name.
///
/// It makes connections itself: when the first request comes, and again when one comes after a connection has ended. It
/// sends a request to the node that owns its slot, and again while that is safe and may help; see
/// `RedisClient+Send.swift`.
///
/// While a server is down, requests of which nothing was sent fail at once with
/// ``RedisError/Reason-swift.enum/unreachable``. In a cluster and behind sentinels they wait for a failover instead. A
/// repeatable request that may have been executed is sent again until its deadline.
final class RedisClient: RedisSender {
    /// The source of the client's nodes.
    enum Topology: Sendable {
        /// One server.
        case server(Node)
        /// The primary that sentinels name, and the name under which they watch it.
        case sentinel(Node, primary: String)
        /// The nodes of a cluster.
        case cluster(ClusterDirectory)
    }

    let topology: Topology
    let policy: RequestRetryPolicy
    /// The name of the client's connections.
    let name: String?
    private let counter: ClientCounter

    private init(_ topology: Topology, _ policy: RequestRetryPolicy, _ counter: ClientCounter, _ name: String?) {
        self.topology = topology
        self.policy = policy
        self.counter = counter
        self.name = name
    }

    /// Makes a client of one server, without a connection.
    convenience init(
        server endpoint: RedisEndpoint,
        _ configuration: NodeConfiguration = NodeConfiguration(),
        policy: RequestRetryPolicy = RequestRetryPolicy(awaitsFailover: false),
        on group: any EventLoopGroup
    ) {
        let counter = ClientCounter(logger: configuration.logger)
        let node = Node(endpoint, configuration, on: group, counter: counter)
        self.init(.server(node), policy, counter, configuration.connection.clientName)
    }

    /// Makes a client of a cluster, without a connection.
    convenience init(
        cluster seeds: [RedisEndpoint],
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        on group: any EventLoopGroup
    ) {
        let counter = ClientCounter(logger: configuration.node.logger)
        let directory = ClusterDirectory(seeds: seeds, configuration, on: group, counter: counter)
        self.init(.cluster(directory), configuration.policy, counter, configuration.node.connection.clientName)
    }

    /// Makes a client of the primary that sentinels name, without a connection.
    ///
    /// The sentinels are asked whenever a connection is made, and the server has to say that it is a primary. If no
    /// sentinel answers, requests fail at once.
    ///
    /// - Parameters:
    ///   - sentinels: The endpoints of the sentinels.
    ///   - primary: The name under which they watch the primary.
    ///   - configuration: The settings for the primary.
    ///   - sentinel: The settings for connections to sentinels.
    ///   - group: The event loops.
    convenience init(
        sentinels: [RedisEndpoint],
        primary: String,
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        sentinel: RedisConnection.Configuration = RedisConnection.Configuration(),
        on group: any EventLoopGroup
    ) {
        let counter = ClientCounter(logger: configuration.node.logger)
        let resolver = SentinelResolver(
            sentinels,
            primary: primary,
            sentinel: sentinel,
            connection: configuration.node.connection,
            limit: configuration.node.stepTimeout,
            counter: counter
        )
        let node = Node(
            sentinels[0],
            configuration.node,
            on: group,
            counter: counter
        ) { loop, _ async throws(RedisError) in
            try await resolver.connect(on: loop)
        }
        let name = configuration.node.connection.clientName
        self.init(.sentinel(node, primary: primary), configuration.policy, counter, name)
    }

    /// The counts of the client's events so far, and the state of its servers.
    var statistics: RedisStatistics {
        var statistics = counter.snapshot
        statistics.servers =
            switch topology {
            case .server(let node): [node.statistics(as: nil)]
            case .sentinel(let node, let primary): [node.statistics(as: primary)]
            case .cluster(let directory): directory.nodes.map { $0.statistics(as: nil) }
            }
        return statistics
    }

    /// The event loop that the replies of small requests come on, as an executor for tasks; `nil` if there are several.
    var executor: (any TaskExecutor)? {
        get async {
            switch topology {
            case .server(let node), .sentinel(let node, _): await node.executor
            case .cluster: nil
            }
        }
    }

    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] {
        switch topology {
        case .server, .sentinel: [nil]
        case .cluster(let directory): try await directory.primarySlots(deadline: deadline)
        }
    }

    /// Takes no more requests, and returns when all connections have ended; requests that were sent are answered first.
    func close() async {
        switch topology {
        case .server(let node), .sentinel(let node, _): await node.close()
        case .cluster(let directory): await directory.close()
        }
    }
}

extension Node {
    /// The executor of its event loop, if it has one.
    fileprivate var executor: (any TaskExecutor)? {
        get async {
            guard let loop else { return nil }
            return try? await loop.submit { LoopExecutor.current(on: loop) }.get()
        }
    }
}
