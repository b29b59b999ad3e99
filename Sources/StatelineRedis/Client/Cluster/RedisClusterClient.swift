internal import NIOConcurrencyHelpers
internal import NIOCore

/// A client of a cluster: each request goes to the node that serves its slot, over that node's own connections, so that a
/// node that stands still holds up nobody but its own keys.
///
/// Which node serves which slot is asked of the nodes when it is not known, and again after a redirection or when a node
/// does not answer: one look at a time, for all. Where no node that is known answers, the seeds are asked, whose names
/// are resolved again. Requests for a slot that nobody serves are sent again until the budget of
/// ``ClusterConfiguration/nodeTimeout`` or their own deadline is spent; where nobody can be asked at all, they fail at
/// once.
final class RedisClusterClient: RedisClient, NodeRouter {
    /// How long what was seen is good enough for who failed meanwhile.
    private static let lookPause = TimeAmount.milliseconds(100)

    let policy: RetryPolicy
    let counter: ClientCounter
    private let configuration: ClusterConfiguration
    private let seeds: [RedisEndpoint]
    private let group: any EventLoopGroup
    private let topology: NIOLockedValueBox<ClusterTopology>
    private let look: SharedResource<NIODeadline>

    /// Makes a client, without a connection.
    init(
        seeds: [RedisEndpoint],
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        on group: any EventLoopGroup
    ) {
        let counter = ClientCounter(logger: configuration.node.logger, factory: configuration.node.metrics)
        let topology = NIOLockedValueBox(ClusterTopology())
        self.configuration = configuration
        self.policy = configuration.policy
        self.counter = counter
        self.seeds = seeds
        self.group = group
        self.topology = topology
        self.look = SharedResource(
            SharedResource.Rules(
                backoff: configuration.node.reconnecting,
                patience: configuration.node.patience,
                waitingLimit: configuration.node.waitingLimit,
                isGood: { .now() < $0 + Self.lookPause },
                discard: { _ in },
                makeWay: { _ in },
                make: { _ async throws(RedisError) in
                    counter.count(\.refreshes)
                    let survey = ClusterSurvey(seeds: seeds, configuration.node, on: group, counter: counter)
                    let map = try await survey.map(known: topology.withLockedValue { $0.candidates() })
                    let retired = topology.withLockedValue { topology in
                        topology.replace(map) { Node($0, configuration.node, on: group, counter: counter) }
                    }
                    counter.served(by: Set(map.primaries.map(\.description)))
                    for node in retired { node.beginClose() }
                    return .now()
                }
            ),
            on: group.next(),
            counter: counter
        )
    }

    var metrics: ClientMetrics { counter.snapshot }

    var executor: (any TaskExecutor)? { nil }

    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount? { configuration.attemptLimit(of: lane) }

    func owner(of slot: HashSlot?) -> Node? {
        topology.withLockedValue { topology in
            if let slot { topology.owner(of: slot) } else { topology.anyNode() }
        }
    }

    func node(
        _ route: RequestStateMachine.Route,
        slot: HashSlot?,
        last: (node: Node, began: NIODeadline)?,
        until deadline: NIODeadline
    ) async throws(RedisError) -> Node {
        switch route {
        case .moved(let redirection):
            guard let last else { break }
            let node = self.node(at: redirection.endpoint(asSeenFrom: last.node.endpoint))
            topology.withLockedValue { $0.move(redirection.slot, to: node) }
            // Whatever else moved is found out beside this request.
            look.prepare()
            return node
        case .asking(let redirection):
            guard let last else { break }
            return self.node(at: redirection.endpoint(asSeenFrom: last.node.endpoint))
        case .refreshedOwner:
            if let last { topology.withLockedValue { $0.suspect(last.node.endpoint) } }
            _ = try await look.value(until: deadline)
            if let last, owner(of: slot) === last.node { last.node.reportSilence(since: last.began) }
        case .owner:
            break
        }
        guard let node = owner(of: slot) else {
            throw RedisError(.clusterDown, .notSent, message: "no node is known to serve the slot")
        }
        return node
    }

    private func node(at endpoint: RedisEndpoint) -> Node {
        topology.withLockedValue { topology in
            topology.node(at: endpoint) { Node($0, configuration.node, on: group, counter: counter) }
        }
    }

    /// A node that cannot be reached is one whose slots nobody serves, until somebody else does.
    func meaning(of error: RedisError) -> RedisError {
        guard error.reason == .unreachable else { return error }
        return RedisError(.clusterDown, error.execution, message: error.message)
    }

    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] {
        _ = try await look.value(until: deadline)
        return topology.withLockedValue(\.firstSlots)
    }

    func close() async {
        await look.close()
        for node in topology.withLockedValue(\.nodes) { await node.close() }
    }
}
