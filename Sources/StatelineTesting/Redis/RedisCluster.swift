/// A cluster of six servers for the duration of a test: three primaries with a replica each.
///
/// ```swift
/// try await RedisCluster.run { cluster in
///     let primary = try cluster.primary(of: 12_182)
///     await primary.kill()                        // its replica takes over in about 3 s
/// }
/// ```
///
/// A node counts as dead after 1.5 s (`cluster-node-timeout`). Replicas are in sync with their primaries when the body
/// begins, because a replica that never was is not promoted.
public final class RedisCluster: Sendable {
    /// The servers: the first three began as primaries, and server *n* + 3 as the replica of server *n*.
    public let nodes: [RedisServer]

    /// The number of primaries at the beginning.
    private static let primaries = 3
    private static let slots = 16_384

    private init(_ nodes: [RedisServer]) {
        self.nodes = nodes
    }

    /// Runs a cluster while the body runs.
    ///
    /// - Parameters:
    ///   - options: The options of each server.
    ///   - body: A function that uses the cluster. All slots are served, and all replicas follow.
    /// - Returns: The body's result.
    /// - Throws: The body's error; ``RedisServerError`` if the cluster did not start.
    public static func run<Result>(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (RedisCluster) async throws -> Result
    ) async throws -> Result {
        try await ServerTurn.take(ServerTurn.group) { try await running(options, body) }
    }

    private static func running<Result>(
        _ options: RedisServer.Options,
        _ body: (RedisCluster) async throws -> Result
    ) async throws -> Result {
        var options = options
        options.arguments += ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500"]
        let nodes = try await ServerGroup.begin(2 * primaries) { [options] _ in try await RedisServer.begin(options) }
        return try await ServerGroup.ending(nodes) {
            let cluster = RedisCluster(nodes)
            try await cluster.form()
            return try await body(cluster)
        }
    }

    private func form() async throws {
        for (index, node) in nodes.enumerated() {
            try node.command(["CLUSTER", "SET-CONFIG-EPOCH", String(index + 1)])
            if index < Self.primaries {
                let range = (index * Self.slots / Self.primaries)..<((index + 1) * Self.slots / Self.primaries)
                try node.command(["CLUSTER", "ADDSLOTSRANGE", String(range.lowerBound), String(range.upperBound - 1)])
            }
            for other in nodes[..<index] { try node.command(["CLUSTER", "MEET", "127.0.0.1", String(other.port)]) }
        }
        for node in nodes { try await node.wait(until: "all nodes are known") { try $0.knownNodes == 6 } }
        for (primary, replica) in zip(nodes, nodes.dropFirst(Self.primaries)) {
            try replica.command(["CLUSTER", "REPLICATE", try primary.clusterID])
        }
        try await settled()
    }

    /// Waits until all slots are served in the view of all running nodes, and each replica follows its primary.
    ///
    /// Call it after a failover, for a cluster that can lose the next primary.
    ///
    /// - Throws: ``RedisServerError`` if that takes more than 20 s.
    public func settled() async throws {
        for node in nodes where node.isRunning {
            try await node.wait(until: "the cluster serves all slots") {
                try $0.clusterInfo("cluster_state") == "ok" && $0.clusterInfo("cluster_slots_ok") == "16384"
            }
            try await node.wait(until: "the replica follows its primary") {
                try $0.info("role") == "master" || $0.info("master_link_status") == "up"
            }
        }
        for node in nodes where node.isRunning {
            try await node.wait(until: "all nodes know the replicas") {
                try $0.command(["CLUSTER", "NODES"]).split(separator: "\n").filter { $0.contains("slave") }.count >= 3
                    || self.nodes.contains { !$0.isRunning }
            }
        }
    }
}

extension RedisServer {
    /// The node's name in the cluster.
    ///
    /// - Throws: ``RedisServerError`` if the server does not answer, or is not a cluster node.
    public var clusterID: String { get throws { try command(["CLUSTER", "MYID"]) } }

    /// Returns a field of `CLUSTER INFO`; `nil` if there is none.
    ///
    /// - Throws: ``RedisServerError`` if the server does not answer, or is not a cluster node.
    public func clusterInfo(_ field: String) throws -> String? {
        let lines = try command(["CLUSTER", "INFO"]).split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix(field + ":") }.map { String($0.dropFirst(field.count + 1)) }
    }

    fileprivate var knownNodes: Int {
        get throws {
            let lines = try command(["CLUSTER", "NODES"]).split(separator: "\n")
            return lines.filter { !$0.contains("handshake") && !$0.contains("fail") }.count
        }
    }
}
