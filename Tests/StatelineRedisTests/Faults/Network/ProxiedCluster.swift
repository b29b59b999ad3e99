import Stateline
import StatelineTesting

@testable import StatelineRedis

/// A cluster whose primaries are reached through a proxy each.
struct ProxiedCluster {
    let cluster: RedisCluster
    let proxies: [FaultProxy]

    /// The proxies as seeds.
    var url: RedisURL {
        get throws {
            try RedisURL("redis+cluster://" + proxies.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))
        }
    }

    /// A session on each primary.
    var sessions: [SessionKey] {
        get throws { try cluster.nodes[..<3].map { try NetworkFaultTests.ClusterTests.session(on: $0, of: cluster) } }
    }

    /// Runs the cluster while the body runs.
    static func run(_ body: (ProxiedCluster) async throws -> Void) async throws {
        try await RedisCluster.run { cluster in
            try await FaultProxy.run(to: .port(cluster.nodes[0].port)) { first in
                try await FaultProxy.run(to: .port(cluster.nodes[1].port)) { second in
                    try await FaultProxy.run(to: .port(cluster.nodes[2].port)) { third in
                        let proxied = ProxiedCluster(cluster: cluster, proxies: [first, second, third])
                        try await proxied.announce()
                        try await body(proxied)
                    }
                }
            }
        }
    }

    /// Has each primary tell clients the port of its proxy for its own.
    private func announce() async throws {
        let primaries = cluster.nodes[..<3]
        for (node, proxy) in zip(primaries, proxies) {
            try node.command(["CONFIG", "SET", "cluster-announce-port", String(proxy.port)])
        }
        for node in primaries {
            try await node.wait(until: "the proxies are announced") { node in
                let slots = try node.command(["CLUSTER", "SLOTS"])
                return proxies.allSatisfy { slots.contains(String($0.port)) }
            }
        }
    }
}
