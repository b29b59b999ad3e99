internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Synchronization

/// The nodes of a cluster and the slots that they own, kept up to date.
///
/// Each node has its own connections, so a node that is frozen delays requests for its own keys only.
///
/// The nodes are surveyed when the owner of a slot is unknown, after a redirection, and when a node does not answer.
/// One survey at a time serves all requests. If no known node answers, the seeds are asked, and their names are
/// resolved again.
final class ClusterDirectory: Sendable {
    /// A survey is recent enough for a request that failed while it was made.
    private static let surveyInterval = TimeAmount.milliseconds(100)

    private let configuration: ClusterConfiguration
    private let group: any EventLoopGroup
    private let counter: ClientCounter
    private let topology: NIOLockedValueBox<ClusterTopology>
    private let survey: SharedResource<NIODeadline>
    private let isSurveyPlanned = Atomic<Bool>(false)

    /// Makes a directory that knows only the seeds.
    init(
        seeds: [RedisEndpoint],
        _ configuration: ClusterConfiguration,
        on group: any EventLoopGroup,
        counter: ClientCounter
    ) {
        let topology = NIOLockedValueBox(ClusterTopology())
        self.configuration = configuration
        self.group = group
        self.counter = counter
        self.topology = topology
        self.survey = SharedResource(
            SharedResource.Rules(
                backoff: configuration.node.reconnecting,
                patience: configuration.node.patience,
                waitingLimit: configuration.node.waitingLimit,
                isGood: { .now() < $0 + Self.surveyInterval },
                discard: { _ in },
                makeWay: { _ in },
                make: { _ async throws(RedisError) in
                    counter.count(\.lookups)
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

    /// The nodes that are known, in no order.
    var nodes: [Node] { topology.withLockedValue(\.nodes) }

    /// Returns the node that owns a slot, as far as is known; for no slot, any node.
    func owner(of slot: HashSlot?) -> Node? {
        topology.withLockedValue { topology in
            if let slot { topology.owner(of: slot) } else { topology.anyNode() }
        }
    }

    /// Finds the node for the next attempt of a request; see ``RedisClient``.
    ///
    /// - Throws: ``RedisError`` if no node is known to own the slot.
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
            // Other slots may have moved too; the survey runs beside this request.
            if !survey.prepare() { planSurvey() }
            return node
        case .asking(let redirection):
            guard let last else { break }
            return self.node(at: redirection.endpoint(asSeenFrom: last.node.endpoint))
        case .refreshedOwner:
            if let last { topology.withLockedValue { $0.suspect(last.node.endpoint) } }
            _ = try await survey.value(until: deadline)
            if let last, owner(of: slot) === last.node { last.node.reportSilence(since: last.began) }
        case .owner:
            break
        }
        guard let node = owner(of: slot) else {
            throw RedisError(.clusterDown, .notSent, message: "no cluster node is known to own the slot")
        }
        return node
    }

    /// Surveys the nodes after the interval, once for all redirections until then.
    ///
    /// The last survey may have asked a node that had not heard of a failover. Without another one, a client of few
    /// slots would not learn of it.
    private func planSurvey() {
        guard !isSurveyPlanned.exchange(true, ordering: .relaxed) else { return }
        group.next()
            .scheduleTask(in: Self.surveyInterval) { [weak self] in
                guard let self else { return }
                self.isSurveyPlanned.store(false, ordering: .relaxed)
                self.survey.prepare()
            }
    }

    private func node(at endpoint: RedisEndpoint) -> Node {
        topology.withLockedValue { topology in
            topology.node(at: endpoint) { Node($0, configuration.node, on: group, counter: counter) }
        }
    }

    /// Surveys the cluster and returns the first slot of each primary, in ascending order.
    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] {
        _ = try await survey.value(until: deadline)
        return topology.withLockedValue(\.firstSlots)
    }

    /// Closes the connections to all nodes.
    func close() async {
        await survey.close()
        for node in nodes { await node.close() }
    }
}
