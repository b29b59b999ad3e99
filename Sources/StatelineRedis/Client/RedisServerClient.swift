internal import NIOCore

/// A client of one server.
///
/// It connects when the first request comes, and again when one comes after the connection ended; a request waits for the
/// attempt that is under way. While the server is down, requests fail at once with
/// ``RedisError/Reason-swift.enum/unreachable``, nothing of them sent, but for those that may have been executed and may
/// be repeated: these are sent again until their deadline.
final class RedisServerClient: RedisClient, NodeRouter {
    let policy: RetryPolicy
    let counter: ClientCounter
    private let node: Node

    /// Makes a client, without a connection.
    init(
        _ endpoint: RedisEndpoint,
        _ configuration: NodeConfiguration = NodeConfiguration(),
        policy: RetryPolicy = RetryPolicy(awaitsFailover: false),
        on group: any EventLoopGroup
    ) {
        self.policy = policy
        self.counter = ClientCounter(logger: configuration.logger, factory: configuration.metrics)
        self.node = Node(endpoint, configuration, on: group, counter: counter)
    }

    var metrics: ClientMetrics { counter.snapshot }

    var executor: (any TaskExecutor)? {
        get async { await node.executor }
    }

    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount? { nil }

    func owner(of slot: HashSlot?) -> Node? { node }

    func node(
        _ route: RequestStateMachine.Route,
        slot: HashSlot?,
        last: (node: Node, began: NIODeadline)?,
        until deadline: NIODeadline
    ) async throws(RedisError) -> Node {
        node
    }

    func meaning(of error: RedisError) -> RedisError { error }

    func close() async {
        await node.close()
    }
}
