internal import NIOCore

/// A survey that asks cluster nodes, one after the other, for the owners of the slots, until one answers.
struct ClusterSurvey: Sendable {
    private let seeds: [RedisEndpoint]
    private let configuration: NodeConfiguration
    private let group: any EventLoopGroup
    private let counter: ClientCounter

    init(
        seeds: [RedisEndpoint],
        _ configuration: NodeConfiguration,
        on group: any EventLoopGroup,
        counter: ClientCounter
    ) {
        self.seeds = seeds
        self.configuration = configuration
        self.group = group
        self.counter = counter
    }

    /// Asks the known nodes, and then the seeds, over connections of their own.
    ///
    /// - Throws: ``RedisError`` if no node answered: the most informative of the failures.
    func map(known nodes: [Node]) async throws(RedisError) -> SlotMap {
        var failure: RedisError?
        for node in nodes {
            do throws(RedisError) {
                return try await map(from: node, until: .now() + configuration.stepTimeout)
            } catch {
                failure = Self.moreInformative(failure, error)
            }
        }
        for seed in seeds.shuffled() {
            let node = Node(seed, configuration, on: group, counter: counter)
            defer { node.beginClose() }
            do throws(RedisError) {
                return try await map(from: node, until: .now() + configuration.connectTimeout)
            } catch {
                failure = Self.moreInformative(failure, error)
            }
        }
        throw failure ?? RedisError(.unreachable, .notSent, message: "no cluster node is known")
    }

    private func map(from node: Node, until deadline: NIODeadline) async throws(RedisError) -> SlotMap {
        let request = RedisRequest(slot: nil, isRepeatable: true) { encoder in
            encoder.command(2)
            encoder.argument("CLUSTER")
            encoder.argument("SLOTS")
        }
        let reply = try await node.send(request, until: deadline)
        if let map = SlotMap(reply, from: node.endpoint), !map.primaries.isEmpty { return map }
        guard case .error(let text) = reply else {
            throw RedisError(.unreachable, .notSent, message: "cluster node returned no slot map")
        }
        let code = RedisError.code(of: text)
        switch RetryClass(serverError: text) {
        case .no where code == "NOPERM" || code == "NOAUTH":
            throw RedisError(.denied, .notSent, message: "the user may not run CLUSTER SLOTS (\(code))")
        case .no:
            throw RedisError(.refused(code: code), .notSent, message: "the server is not a cluster node (\(code))")
        default:
            throw RedisError(.unreachable, .notSent, message: "the cluster node is not ready (\(code))")
        }
    }

    /// Returns the more informative failure.
    ///
    /// An unreachable node is the least informative one.
    private static func moreInformative(_ first: RedisError?, _ second: RedisError) -> RedisError {
        if let first, first.reason != .unreachable { return first }
        switch second.reason {
        case .timedOut, .closed, .cancelled, .overloaded:
            return RedisError(.unreachable, .notSent, message: second.message)
        default:
            return RedisError(second.reason, .notSent, message: second.message)
        }
    }
}
