import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct TraceTests {
    @Test func `each stage is what the clock says, and they sum to the turn`() async throws {
        let clock = ManualClock()
        let model = LineModel(
            [.calls("one"), .text("done")],
            step: { clock.advance(by: .milliseconds(7)) }
        )
        let tool = TestTool(name: "one") {
            clock.advance(by: .milliseconds(30))
            return "fine"
        }
        let session = try await Boundary(store: MemoryStore(), clock: clock)
            .session(SessionKey("s"), model: model, tools: [tool])
        let trace = try await session.respond(to: "go").trace
        // Two calls; each takes one step to its head, then one for each of its chunks and one for its end.
        #expect(trace[.firstByte] == .milliseconds(2 * 7))
        #expect(trace[.stream] == .milliseconds(6 * 7))
        #expect(trace[.tools] == .milliseconds(30))
        #expect(trace.model == .milliseconds(8 * 7))
        #expect(trace.overhead == .zero)
        #expect(trace.total == .milliseconds(8 * 7 + 30))
        #expect(trace.stages.sum == trace.total)
        #expect(trace.crossings.map(\.duration) == [.milliseconds(28), .milliseconds(28)])
        #expect(trace.crossings.map(\.firstByte) == [.milliseconds(14), .milliseconds(14)])
    }

    @Test func `with a real clock the stages sum to the turn within one per cent`() async throws {
        let model = LineModel([], step: { await Task.yield() })
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        var shares: [Double] = []
        for turn in 0..<500 {
            let trace = try await session.respond(to: "turn \(turn)").trace
            #expect(trace.stages.sum <= trace.total)
            shares.append(trace.stages.sum / trace.total)
        }
        // A busy machine may stop a thread between the last lap and the turn's end, but not in most turns.
        let median = shares.sorted()[shares.count / 2]
        #expect(median > 0.99, "in the median turn the stages cover \(median) of the time")
    }

    @Test func `the bytes of a record before a turn are counted with its round trip`() async throws {
        let store = StrayStore(MemoryStore(), timeLimit: .zero)
        let session = try await Boundary(store: store).session("s")
        store.appends([], rest: .fail(StoreError(.full, committed: .no, message: "full")))
        await #expect(throws: SessionError.self) { try await session.respond(to: "one") }
        store.appends([], rest: .pass)
        let (appends, written) = (store.appendCount, store.written)
        let trace = try await session.respond(to: "two").trace
        #expect(trace.storeRoundTrips == 2)
        #expect(trace.storeRoundTrips == store.appendCount - appends)
        #expect(trace.storeBytesWritten == store.written - written)
    }

    @Test func `a warm turn is one round trip, and writes its entries and little more`() async throws {
        let store = FlakyStore(MemoryStore())
        let session = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        for turn in [1, 10, 100] {
            let before = store.appends
            let prompt = String(repeating: "x", count: 1024 * turn)
            let response = try await session.respond(to: prompt)
            #expect(store.appends == before + 1)
            #expect(response.trace.storeRoundTrips == 1)
            let content = response.entries.reduce(0) { $0 + $1.text.utf8.count }
            #expect(response.trace.storeBytesWritten <= content + 512)
        }
    }

    @Test func `a runtime that makes the call itself is measured too`() async throws {
        let clock = ManualClock()
        let session = try await Boundary(store: MemoryStore(), clock: clock)
            .session(SessionKey("s"), model: LineModel([]))
        var turn = try await session.checkout("hello")
        _ = turn.request
        clock.advance(by: .seconds(2))
        try turn.append(.init(string: "text:hi\n"))
        clock.advance(by: .seconds(1))
        try turn.append(.init(string: "done\n"))
        let trace = try await turn.commit().trace
        #expect(trace.total == .seconds(3))
        #expect(trace.model == .seconds(3))
        #expect(trace.stages.sum == .seconds(3))
        #expect(trace.crossings.first?.duration == .seconds(3))
        #expect(trace.crossings.first?.firstByte == .seconds(2))
    }
}
