import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// What is sent again is the longest common prefix with the session's previous request, and the tools if they are the
/// same: compared with the bytes.
@Suite struct PrefixTests {
    static func commonPrefix(_ a: [UInt8], _ b: [UInt8]) -> Int {
        zip(a, b).prefix { $0 == $1 }.count
    }

    /// Where the lines are that declare tools.
    private static func tools(_ body: [UInt8]) -> Range<Int> {
        let mark = Array("\ntool:".utf8)
        guard let start = body.firstRange(of: mark)?.lowerBound else { return 0..<0 }
        let end = body.firstRange(of: Array("\nend ".utf8))?.lowerBound ?? start
        return start + 1..<end + 1
    }

    /// The bytes of a body that the previous one had too.
    static func sentAgain(_ previous: [UInt8], _ body: [UInt8]) -> Int {
        let (common, tools) = (commonPrefix(previous, body), tools(body))
        guard !tools.isEmpty, previous[Self.tools(previous)] == body[tools] else { return common }
        return common + max(0, tools.upperBound - max(tools.lowerBound, common))
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `sent again is what the bytes say, whatever happens between requests`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let recorder = Recorder()
        let model = LineModel([], recorder: recorder)
        let boundary = Boundary(store: MemoryStore())
        let tool = TestTool(name: "one")
        let session = try await boundary.session(
            SessionKey("s"),
            model: model,
            tools: [tool],
            instructions: "x",
            configuration: .withoutRetries
        )
        for step in 0..<60 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                model.push(.init(refused: .serverError(status: 500, retryAfter: nil, message: "")))
                await #expect(throws: SessionError.self) { try await session.respond(to: "same beginning \(step)") }
            case 1:
                let newest = session.snapshot.position.revision.rawValue
                try await session.rewind(
                    to: Revision(rawValue: .random(in: max(1, newest / 2)...newest, using: &random))
                )
            case 2:
                model.push(.calls("one", "one"))
                try await session.respond(to: "use it")
            case 3: try await session.respond(to: "same beginning \(step)")
            case 4: try await session.respond(to: "the very same")
            default:
                let other = try await boundary.session(
                    SessionKey("s"),
                    model: LineModel([], name: "other-\(step)", recorder: recorder)
                )
                try await other.respond(to: "behind your back")
                try await session.refresh()
            }
        }
        let ledger = try await session.ledger()
        let bodies = model.bodies
        #expect(ledger.map(\.requestBytes) == bodies.map(\.count), "seed \(seed)")
        for (index, crossing) in ledger.enumerated() {
            let previous = index > 0 ? bodies[index - 1] : []
            let common = Self.commonPrefix(previous, bodies[index])
            let sentAgain = Self.sentAgain(previous, bodies[index])
            if index == 0 || crossing.route == ledger[index - 1].route {
                #expect(crossing.prefixBytes == common, "seed \(seed), call \(index)")
                #expect(crossing.sentAgainBytes == sentAgain, "seed \(seed), call \(index)")
            } else {
                // A handle that has not seen the request before knows from the head which entries it had.
                #expect(crossing.prefixBytes <= common, "seed \(seed), call \(index)")
                #expect(crossing.sentAgainBytes <= sentAgain, "seed \(seed), call \(index)")
                #expect(bodies[index].prefix(crossing.prefixBytes).last ?? 10 == 10, "seed \(seed), call \(index)")
            }
        }
    }

    @Test func `a session that is opened again knows which entries were sent before`() async throws {
        let store = MemoryStore()
        let model = LineModel([])
        let first = try await Boundary(store: store).session(SessionKey("s"), model: model, instructions: "x")
        try await first.respond(to: "one")
        try await first.respond(to: "two")
        let second = try await Boundary(store: store).session(SessionKey("s"), model: model)
        let trace = try await second.respond(to: "three").trace
        #expect(trace.sentAgainBytes == Self.commonPrefix(model.bodies[1], model.bodies[2]))
        #expect(trace.prefix == .extended)
        #expect(trace.sentAgainTokens == 100)
        #expect(trace.newTokens == 0)
    }

    /// A session with two turns, and what a handle of another process makes of the third.
    private func third(tools: [any Tool], then others: [any Tool]) async throws -> (Crossing, [[UInt8]]) {
        let (store, model) = (MemoryStore(), LineModel([]))
        let first = try await Boundary(store: store).session(SessionKey("s"), model: model, tools: tools)
        try await first.respond(to: "one")
        try await first.respond(to: "two")
        let second = try await Boundary(store: store).session(SessionKey("s"), model: model, tools: others)
        return (try #require(try await second.respond(to: "three").trace.crossings.first), model.bodies)
    }

    @Test func `a session that is opened again knows whether its tools were sent before`() async throws {
        let tools = [TestTool(name: "one"), TestTool(name: "two")]
        let (same, bodies) = try await third(tools: tools, then: tools)
        #expect(same.prefixBytes == Self.commonPrefix(bodies[1], bodies[2]))
        #expect(same.repeatedToolBytes == "tool:one A tool of the tests.\n".utf8.count * 2)
        #expect(same.sentAgainBytes == Self.sentAgain(bodies[1], bodies[2]))
        #expect(same.sentAgainTokens == 100)
        for others in [[], [tools[0]], [tools[1], tools[0]]] {
            let (changed, bodies) = try await third(tools: tools, then: others)
            #expect(changed.repeatedToolBytes == 0)
            #expect(changed.sentAgainBytes == Self.sentAgain(bodies[1], bodies[2]))
            // The tokens of the tools before are not told apart, so that tokens are divided as bytes are.
            let share = Double(changed.sentAgainBytes) / Double(changed.requestBytes)
            #expect(changed.sentAgainTokens == Int((100 * share).rounded()))
        }
    }

    @Test func `a call that failed declared its tools too`() async throws {
        let (store, model) = (MemoryStore(), LineModel([]))
        let tools = [TestTool(name: "one")]
        model.push(.init(refused: .serverError(status: 500, retryAfter: nil, message: "")))
        let first = try await Boundary(store: store)
            .session(SessionKey("s"), model: model, tools: tools, configuration: .withoutRetries)
        await #expect(throws: SessionError.self) { try await first.respond(to: "one") }
        let second = try await Boundary(store: store).session(SessionKey("s"), model: model, tools: tools)
        let crossing = try #require(try await second.respond(to: "two").trace.crossings.first)
        #expect(crossing.repeatedToolBytes == "tool:one A tool of the tests.\n".utf8.count)
    }

    @Test func `the prefix is told as first, extended or broken`() async throws {
        let session = try await Boundary(store: MemoryStore()).session("s", instructions: "x")
        #expect(try await session.respond(to: "one").trace.prefix == .first)
        #expect(try await session.respond(to: "two").trace.prefix == .extended)
        try await session.rewind(to: 2)
        let trace = try await session.respond(to: "2").trace
        #expect(trace.prefix == .broken(at: trace.sentAgainBytes))
        #expect(try await session.respond(to: "three").trace.prefix == .extended)
    }

    @Test func `amplification sums the ledger`() async throws {
        let session = try await Boundary(store: MemoryStore()).session("s")
        for turn in 0..<20 { try await session.respond(to: "turn \(turn)") }
        let ledger = try await session.ledger()
        let head = session.snapshot.head
        let again = ledger.reduce(0) { $0 + $1.sentAgainBytes }
        let new = ledger.reduce(0) { $0 + $1.newBytes }
        #expect(head.totals.sentAgainBytes == again)
        #expect(head.totals.newBytes == new)
        #expect(head.totals.crossings == 20)
        #expect(head.amplification == Double(again + new) / Double(new))
        #expect(head.amplification > 3)
    }
}
