import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// What is sent again is the longest common prefix with the session's previous request: compared with the bytes.
@Suite struct PrefixTests {
    static func commonPrefix(_ a: [UInt8], _ b: [UInt8]) -> Int {
        zip(a, b).prefix { $0 == $1 }.count
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `sent again is what the bytes say, whatever happens between requests`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let recorder = Recorder()
        let model = LineModel([], recorder: recorder)
        let boundary = Boundary(store: MemoryStore())
        let tool = TestTool(name: "one")
        let session = try await boundary.session(SessionKey("s"), model: model, tools: [tool], instructions: "x")
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
            if index == 0 || crossing.route == ledger[index - 1].route {
                #expect(crossing.sentAgainBytes == common, "seed \(seed), call \(index)")
            } else {
                // A handle that has not seen the request before knows from the head which entries it had.
                #expect(crossing.sentAgainBytes <= common, "seed \(seed), call \(index)")
                #expect(bodies[index].prefix(crossing.sentAgainBytes).last ?? 10 == 10, "seed \(seed), call \(index)")
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
