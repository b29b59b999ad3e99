import NIOCore
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

extension NetworkFaultTests {
    /// F19, F20: a network that is slow, a server that asks for patience.
    @Suite struct SlowNetworkTests {
        /// F19: latency, jitter and a narrow line.
        @Test func `over a slow network all goes on, and what is too large for its time is refused alone`() async throws
        {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                expectAcknowledged(await writer.commit(size: 300_000))
                fixture.proxy.shape {
                    $0.latency = .milliseconds(50)
                    $0.jitter = .milliseconds(50)
                }
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let other = SessionAudit(SessionKey("slow \(number)"))
                            var writer = other.writer("a", on: store)
                            expectAcknowledged(await writer.commit())
                            expectAcknowledged(await writer.commit())
                        }
                    }
                }
                fixture.proxy.shape {
                    $0 = FaultProxy.Shape()
                    $0.bytesPerSecond = 64_000
                }
                // Large replies have a connection of their own: what is small is not behind them.
                let hurried = try fixture.store(timeout: .seconds(2))
                async let large = hurried.loaded(auditor.key)
                async let small = hurried.loaded(auditor.key, after: writer.position)
                expect(await small, "current")
                expect(await large, "unavailable, committed: no")
                fixture.proxy.mend()
                try await auditor.verify(with: store)
            }
        }

        /// F20: a server that says that it will answer later.
        @Test(arguments: [
            "LOADING Redis is loading", "MASTERDOWN Link with MASTER is down", "TRYAGAIN Multiple keys",
            "BUSY Redis is busy",
        ])
        func `a server that asks for patience gets it`(refusal: String) async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                fixture.proxy.add(
                    RequestFault(.answer(ByteBuffer(string: "-\(refusal)\r\n")), command: "EVALSHA", times: 3)
                )
                #expect(await writer.append() == .committed(.primary))
                fixture.proxy.add(
                    RequestFault(.answer(ByteBuffer(string: "-\(refusal)\r\n")), command: "EVALSHA", times: 3)
                )
                expect(await store.loaded(auditor.key), "tail of 2")
                #expect(fixture.proxy.counts.faults == 6)
            }
        }
    }
}
