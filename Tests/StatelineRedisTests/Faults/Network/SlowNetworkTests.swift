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
            try await ProxyBench.run { bench in
                let store = try bench.store()
                var (auditor, writer) = try await bench.audit(on: store)
                expectAcknowledged(await writer.commit(size: 300_000))
                bench.proxy.shape {
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
                bench.proxy.shape {
                    $0 = FaultProxy.Shape()
                    $0.bytesPerSecond = 64_000
                }
                // Large replies have a connection of their own: what is small is not behind them.
                let hurried = try bench.store(timeout: .seconds(2))
                async let large = hurried.loaded(auditor.key)
                async let small = hurried.loaded(auditor.key, after: writer.position)
                expect(await small, "current")
                expect(await large, "unavailable, committed: no")
                bench.proxy.mend()
                try await auditor.verify(with: store)
            }
        }

        /// F20: a server that says that it will answer later.
        @Test(arguments: [
            "LOADING Redis is loading", "MASTERDOWN Link with MASTER is down", "TRYAGAIN Multiple keys",
            "BUSY Redis is busy",
        ])
        func `a server that asks for patience gets it`(refusal: String) async throws {
            try await ProxyBench.run { bench in
                let store = try bench.store()
                var (auditor, writer) = try await bench.audit(on: store)
                bench.proxy.add(
                    RequestFault(.answer(ByteBuffer(string: "-\(refusal)\r\n")), command: "EVALSHA", times: 3)
                )
                #expect(await writer.append() == .committed(.primary))
                bench.proxy.add(
                    RequestFault(.answer(ByteBuffer(string: "-\(refusal)\r\n")), command: "EVALSHA", times: 3)
                )
                expect(await store.loaded(auditor.key), "tail of 2")
                #expect(bench.proxy.counts.faults == 6)
            }
        }
    }
}
