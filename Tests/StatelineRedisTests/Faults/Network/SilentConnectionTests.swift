import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

extension NetworkFaultTests {
    /// Connections that die without a sign while new ones work: a network device that forgot them.
    @Suite struct SilentConnectionTests {
        @Test(.timeLimit(.minutes(5)))
        func `a server whose standing connections fall silent is committed to over new ones`() async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                expectAcknowledged(await writer.commit())
                await fixture.proxy.silenceStanding()
                expectAcknowledged(await writer.append())
                try await auditor.verify(with: store)
                #expect(fixture.proxy.counts.swallowedBytes > 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a cluster whose standing connections fall silent is committed to over new ones`() async throws {
            try await ProxiedCluster.run { cluster in
                let store = RedisStore(sender: RedisClient(try cluster.url))
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
