internal import NIOConcurrencyHelpers
internal import NIOCore

/// A client of the primary that sentinels name: they are asked whenever a connection is made, and the server has to say of
/// itself that it is one.
///
/// A failover is waited for as in a cluster; where no sentinel answers, requests fail at once.
final class RedisSentinelClient: RedisClient, NodeRouter {
    let policy: RetryPolicy
    let counter: ClientCounter
    private let configuration: ClusterConfiguration
    private let node: Node

    /// Makes a client, without a connection.
    ///
    /// - Parameters:
    ///   - sentinels: Where sentinels listen.
    ///   - primary: The name under which they watch the primary.
    ///   - configuration: How the primary is treated.
    ///   - sentinel: How sentinels are entered.
    ///   - group: The loops.
    init(
        _ sentinels: [RedisEndpoint],
        primary: String,
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        sentinel: RedisConnection.Configuration = RedisConnection.Configuration(),
        on group: any EventLoopGroup
    ) {
        let counter = ClientCounter(logger: configuration.node.logger, factory: configuration.node.metrics)
        self.configuration = configuration
        self.policy = configuration.policy
        self.counter = counter
        let resolver = SentinelResolver(
            sentinels,
            primary: primary,
            sentinel: sentinel,
            connection: configuration.node.connection,
            limit: configuration.node.stepTimeout,
            counter: counter
        )
        self.node = Node(
            sentinels[0],
            configuration.node,
            on: group,
            counter: counter
        ) { loop, _ async throws(RedisError) in
            try await resolver.connect(on: loop)
        }
    }

    var metrics: ClientMetrics { counter.snapshot }

    var executor: (any TaskExecutor)? {
        get async { await node.executor }
    }

    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount? { configuration.attemptLimit(of: lane) }

    func owner(of slot: HashSlot?) -> Node? { node }

    func node(
        _ route: RequestStateMachine.Route,
        slot: HashSlot?,
        last: (node: Node, began: NIODeadline)?,
        until deadline: NIODeadline
    ) async throws(RedisError) -> Node {
        // Whoever did not answer, or is no primary any more, is not asked again before the sentinels are.
        if case .refreshedOwner = route, let last { node.renew(madeBefore: last.began) }
        return node
    }

    func meaning(of error: RedisError) -> RedisError { error }

    func close() async {
        await node.close()
    }
}
