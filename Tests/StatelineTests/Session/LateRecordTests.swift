import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// A record of calls that is written after other processes made newer calls says nothing of the newest request.
@Suite struct LateRecordTests {
    let memory = MemoryStore()

    /// A boundary of a process of its own: a store without a cache, so that handles share nothing.
    var process: Boundary { Boundary(store: DownStore(memory)) }

    /// A way in which a record comes to be written.
    enum Way: CaseIterable {
        case settled
        /// The handle knows the newer batches before it records.
        case settledAfterRefresh
        case run
        /// A second call is owed, of a turn that began before the newer calls, too.
        case settledWithAnother
    }

    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `a late record of calls leaves what the newest request carried as it was`(way: Way) async throws {
        let recorder = Recorder()
        let first = process
        let a = try await first.session(SessionKey("s"), model: LineModel([]))
        let late = try await first.session(SessionKey("s"), model: LineModel([]))
        var owing = try await late.checkout("dropped later")
        try owing.start()
        var turn = try await a.checkout("dropped")
        try turn.start()
        _ = consume turn
        let long = LineModel([.text(String(repeating: "x", count: 1000))], recorder: recorder)
        let b = try await process.session(SessionKey("s"), model: long, tools: [TestTool(name: "t")])
        try await b.respond(to: "hello")
        switch way {
        case .settled: await a.flushLedger()
        case .settledAfterRefresh:
            try await a.refresh()
            await a.flushLedger()
        case .settledWithAnother:
            try await a.refresh()
            turn = try await a.checkout("dropped after the newer calls")
            _ = consume turn
            _ = consume owing
            await a.flushLedger()
        case .run:
            let running = Task { try await first.run() }
            while first.unrecordedCalls.waiting > 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
            running.cancel()
            try await running.value
        }
        let model = LineModel([], recorder: recorder)
        let c = try await process.session(SessionKey("s"), model: model, tools: [TestTool(name: "t")])
        #expect(c.snapshot.head.totals.crossings == (way == .settledWithAnother ? 3 : 2))
        #expect(c.snapshot.head.view == b.snapshot.head.view)
        let crossing = try await c.respond(to: "next").trace.crossings[0]
        let (one, two) = (recorder.bodies[0], recorder.bodies[1])
        #expect(crossing.prefixBytes <= zip(one, two).prefix { $0 == $1 }.count)
    }

    @Test func `a record that nothing came before says what its calls carried`() async throws {
        let a = try await process.session(SessionKey("s"), model: LineModel([]), tools: [TestTool(name: "t")])
        try await a.respond(to: "hello")
        var turn = try await a.checkout("dropped")
        try turn.start()
        _ = consume turn
        await a.flushLedger()
        let view = try await process.session("s").snapshot.head.view
        #expect(view.sentEntries == 2)
        #expect(view.sentTools == a.tools.fingerprint)
    }
}
