import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

extension NetworkFaultTests {
    /// Connections that die without a sign while new ones work: a network device that forgot them.
    @Suite struct SilentConnectionTests {
        @Test(.timeLimit(.minutes(2)))
        func `a server whose standing connections fall silent is committed to over new ones`() async throws {
            try await ProxyBench.run { bench in
                let store = try bench.store()
                var (auditor, writer) = try await bench.audit(on: store)
                expectAcknowledged(await writer.commit())
                await bench.proxy.silenceStanding()
                expectAcknowledged(await writer.append())
                try await auditor.verify(with: store)
                #expect(bench.proxy.counts.swallowedBytes > 0)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a cluster whose standing connections fall silent is committed to over new ones`() async throws {
            try await ProxiedCluster.run { cluster in
                let store = RedisStore(sender: RedisClients.make(for: try cluster.url))
                let audits = try cluster.sessions.map { SessionAudit($0) }
                var writers: [Appender] = []
                for audit in audits {
                    var writer = audit.writer("a", on: store)
                    try await writer.create()
                    writers.append(writer)
                }
                for proxy in cluster.proxies { await proxy.silenceStanding() }
                for index in writers.indices { expectAcknowledged(await writers[index].append()) }
                for audit in audits { try await audit.verify(with: store) }
                await store.close()
            }
        }
    }
}

/// A cluster whose primaries are reached through a proxy each.
private struct ProxiedCluster {
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
