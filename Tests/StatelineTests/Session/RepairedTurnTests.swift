import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// Turns of sessions whose history is broken when they begin.
@Suite struct RepairedTurnTests {
    let store = MemoryStore()
    static let broken: [Entry] = [
        .prompt("q"), RepairTests.calls("a"), .prompt("q2"), RepairTests.output("b"), .response("r"),
    ]

    func session(
        _ history: [Entry],
        _ configuration: SessionConfiguration = SessionConfiguration()
    ) async throws -> ModelSession {
        try await Boundary(store: store)
            .session(
                SessionKey("s"),
                model: LineModel([]),
                history: history,
                configuration: configuration
            )
    }

    @Test func `a broken history is repaired by a batch of its own before the first call, once`() async throws {
        let session = try await session(Self.broken)
        var turn = try await session.checkout("now")
        #expect(StrictHistory.fault(of: turn.history.dropLast()) == nil)
        #expect(String(buffer: turn.request.body.joined()).contains("output:a The call was interrupted"))
        #expect(session.snapshot.position.revision == 2)
        try turn.append(Answer(entries: [.response("ok")], finishReason: .stop))
        let commit = try await turn.commit()
        #expect(commit.trace.repairs.rules == [.unansweredCall, .orphanedOutput])
        #expect(commit.trace.repairs.total == 2)
        #expect(commit.trace.storeRoundTrips == 2)
        #expect(commit.position.revision == 3)
        let next = try await session.respond(to: "again")
        #expect(next.trace.repairs.isEmpty)
        #expect(next.trace.storeRoundTrips == 1)
        #expect(session.snapshot.position.revision == 4)
        // Cold, it is sound, and the repair is its own batch.
        let cold = try await self.session([])
        #expect(cold.transcript == session.transcript)
        let response = try await cold.respond(to: "cold")
        #expect(response.trace.repairs.isEmpty)
        #expect(response.revision == 5)
        var cost = StoreCost()
        let log = try await cold.boundary.log.batches(of: cold.key, after: nil, cost: &cost)
        #expect(try log.map { try $0.decoded().batch.kind } == [.creation, .repair, .turn, .turn, .turn])
    }

    @Test func `a rewind undoes a repair, and the next turn repairs again`() async throws {
        let session = try await session(Self.broken)
        try await session.respond(to: "now")
        try await session.rewind(to: 1)
        #expect(Array(session.transcript) == Self.broken)
        let response = try await session.respond(to: "now")
        #expect(response.trace.repairs.total == 2)
        #expect(StrictHistory.fault(of: session.transcript) == nil)
    }

    @Test func `a repair at the end is committed with the turn, in one round trip`() async throws {
        let session = try await session([.prompt("q"), RepairTests.calls("a")])
        let response = try await session.respond(to: "now")
        #expect(response.trace.repairs[.danglingCall] == 1)
        #expect(response.trace.storeRoundTrips == 1)
        #expect(response.revision == 2)
    }

    @Test func `a policy refuses what strict providers would refuse, and nothing is written`() async throws {
        let refusing = try await session(Self.broken, SessionConfiguration(repairs: .refuse))
        await #expect {
            _ = try await refusing.respond(to: "now")
        } throws: { error in
            guard case SessionError.unsoundHistory(_, let report) = error else { return false }
            return report.rules == [.unansweredCall, .orphanedOutput] && "\(error)".contains("unanswered_call: 1")
        }
        let failing = try await session([], SessionConfiguration(orphans: .fail))
        await #expect {
            _ = try await failing.respond(to: "now")
        } throws: { error in
            guard case SessionError.openToolCalls(let calls, _) = error else { return false }
            return calls.map(\.id) == ["a"]
        }
        #expect(refusing.snapshot.position.revision == 1)
        #expect(!refusing.isResponding)
    }

    @Test func `two handles that repair at once repair once`() async throws {
        let one = try await session(Self.broken)
        let other = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        try await one.respond(to: "now")
        let response = try await other.respond(to: "and now")
        #expect(response.trace.repairs.isEmpty)
        #expect(other.transcript.count == one.transcript.count + 2)
    }

    @Test func `a turn looks at the entries since the last turn alone`() async throws {
        let history = (0..<500)
            .flatMap { [Entry.prompt("p\($0)"), RepairTests.calls("c"), RepairTests.output("c"), .response("r")] }
        let session = try await session(history)
        #expect(session.snapshot.soundCount == 0)
        let turn = try await session.checkout("now")
        #expect(session.snapshot.soundCount == 2000)
        await turn.abandon()
        #expect(session.snapshot.soundCount == 2000)
        try await session.respond(to: "now")
        #expect(session.snapshot.soundCount == 2000)
        try await session.respond(to: "now")
        #expect(session.snapshot.soundCount == 2002)
        try await session.rewind(to: 1)
        // The last exchange may have lost its end.
        #expect(session.snapshot.soundCount == 1996)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `random histories, damaged and cut, are sent as strict providers accept them`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let boundary = Boundary(store: MemoryStore())
        for number in 0..<10 {
            let sound = StrictHistory.random(turns: Int.random(in: 1...4, using: &random), using: &random)
            let history = StrictHistory.damaged(sound, using: &random)
            let key = SessionKey("\(number)")
            let session = try await boundary.session(key, model: LineModel([]), history: history)
            let turn = try await session.checkout("now")
            #expect(StrictHistory.fault(of: turn.history.dropLast()) == nil, "seed \(seed), session \(number)")
            await turn.abandon()
            try await session.respond(to: "now")
            let cold = try await Boundary(store: boundary.log.store).session(key, model: LineModel([]))
            #expect(cold.transcript == session.transcript)
            #expect(cold.snapshot.repaired() == nil)
            try await session.respond(to: "again")
            #expect(session.snapshot.rendering.bytes == session.snapshot.renderedAnew.bytes)
        }
    }
}

extension Snapshot {
    /// The view, rendered at once.
    fileprivate var renderedAnew: Rendering {
        var rendering = Rendering(dialect: rendering.dialect)
        rendering.append(restOf: transcript)
        return rendering
    }
}
