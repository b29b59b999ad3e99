/// A cluster of six servers that a test starts and ends: three primaries with a replica each.
///
/// ```swift
/// try await RedisCluster.run { cluster in
///     let primary = try cluster.primary(of: 12_182)
///     await primary.kill()                        // its replica takes over in about 3 s
/// }
/// ```
///
/// A node is taken for dead after 1.5 s (`cluster-node-timeout`). Replicas hold what their primaries hold when the body
/// begins: one that never had is not promoted.
public final class RedisCluster: Sendable {
    /// The servers: the first three began as primaries, and server *n* + 3 as the replica of server *n*.
    public let nodes: [RedisServer]

    /// How many primaries it begins with.
    private static let primaries = 3
    private static let slots = 16_384

    private init(_ nodes: [RedisServer]) {
        self.nodes = nodes
    }

    /// Runs a cluster while the body runs.
    ///
    /// - Parameters:
    ///   - options: How each server is started.
    ///   - body: What is done with the cluster: all slots are served, and all replicas follow.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``RedisServerError`` where the cluster did not come up.
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
    /// - Throws: ``RedisServerError`` where that takes more than 20 s.
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
            try await node.wait(until: "all know who replicates") {
                try $0.command(["CLUSTER", "NODES"]).split(separator: "\n").filter { $0.contains("slave") }.count >= 3
                    || self.nodes.contains { !$0.isRunning }
            }
        }
    }
}

extension RedisServer {
    /// The node's name in the cluster.
    ///
    /// - Throws: ``RedisServerError`` where the server does not answer, or is no node of a cluster.
    public var clusterID: String { get throws { try command(["CLUSTER", "MYID"]) } }

    /// What `CLUSTER INFO` says about a field; `nil` where it says nothing.
    ///
    /// - Throws: ``RedisServerError`` where the server does not answer, or is no node of a cluster.
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
