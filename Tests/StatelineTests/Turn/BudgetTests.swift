import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct BudgetTests {
    let store = MemoryStore()

    /// A session whose calls cost 107 tokens each, by the dialect of the tests.
    func session(
        _ replies: [LineModel.Reply],
        turn: Budget? = nil,
        session: Budget? = nil,
        pricing: Pricing? = nil,
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) async throws -> ModelSession {
        try await Boundary(store: store, clock: clock, timestamp: timestamp)
            .session(
                SessionKey("s"),
                model: LineModel(replies),
                tools: [TestTool(name: "one")],
                configuration: SessionConfiguration(
                    retries: .none,
                    turnBudget: turn,
                    sessionBudget: session,
                    pricing: pricing
                )
            )
    }

    static let pricing = Pricing { route, usage in
        route.provider == "test" ? usage.input.totalTokenCount * 2 + usage.output.totalTokenCount * 10 : 0
    }

    @Test(
        arguments: [
            (Budget(calls: 2), BudgetExcess.Resource.calls, 2, 2),
            (Budget(tokens: 200), .tokens, 214, 200),
            (Budget(cost: 300), .cost, 540, 300),
        ]
    )
    func `a turn ends before the call that its budget does not allow, with its draft`(
        budget: Budget,
        resource: BudgetExcess.Resource,
        used: Int,
        limit: Int
    ) async throws {
        let replies: [LineModel.Reply] = [.calls("one"), .calls("one"), .calls("one"), .text("done")]
        let session = try await session(replies, turn: budget, pricing: Self.pricing)
        let error = try await #require(throws: SessionError.self) { try await session.respond(to: "go") }
        guard case .budgetExceeded(let excess, let draft?) = error else { throw error }
        #expect(excess == BudgetExcess(scope: .turn, resource: resource, used: used, limit: limit))
        #expect(draft.entries.count == 5)
        #expect(session.transcript.isEmpty)
        #expect(try await session.ledger().count == 2)
        #expect(error.draft == draft)
    }

    @Test func `the answer of the last call that the budget allows is kept`() async throws {
        let session = try await session([.calls("one"), .text("done")], turn: Budget(calls: 2, tokens: 108))
        #expect(try await session.respond(to: "go").content == "done")
    }

    @Test(arguments: [Budget(calls: 2), Budget(tokens: 214), Budget(cost: 540)])
    func `a session's budget counts the calls of all turns and processes`(budget: Budget) async throws {
        let first = try await session([.text("1")], session: budget, pricing: Self.pricing)
        try await first.respond(to: "one")
        let second = try await session([.text("2")], session: budget, pricing: Self.pricing)
        try await second.respond(to: "two")
        let third = try await session([.text("3")], session: budget, pricing: Self.pricing)
        let error = try await #require(throws: SessionError.self) { try await third.respond(to: "three") }
        guard case .budgetExceeded(let excess, nil) = error else { throw error }
        #expect(excess.scope == .session && excess.used == excess.limit)
        #expect(third.snapshot.head.totals.crossings == 2)
    }

    @Test func `costs are in the ledger and summed in the head`() async throws {
        let session = try await session([.calls("one"), .text("1")], pricing: Self.pricing)
        try await session.respond(to: "one")
        #expect(try await session.ledger().map(\.cost) == [270, 270])
        #expect(session.snapshot.head.totals.cost == 540)
        let reader = try await self.session([])
        #expect(reader.snapshot.head.totals.cost == 540)
    }

    @Test func `a turn's time is limited before each call`() async throws {
        let clock = ManualClock()
        let session = try await session([.text("1")], turn: Budget(time: .seconds(5)), clock: clock)
        var turn = try await session.checkout("go")
        clock.advance(by: .seconds(5))
        #expect(throws: SessionError.self) { try turn.start() }
        await turn.abandon()
        #expect(try await session.respond(to: "go").content == "1")
    }

    @Test func `a session's age is limited`() async throws {
        let old = try await session([], timestamp: { Timestamp(milliseconds: 0) })
        try await old.respond(to: "one")
        let late = try await session(
            [],
            session: Budget(time: .seconds(60)),
            timestamp: { Timestamp(milliseconds: 60_000) }
        )
        let error = try await #require(throws: SessionError.self) { try await late.respond(to: "two") }
        guard case .budgetExceeded(let excess, nil) = error else { throw error }
        #expect(excess.resource == .milliseconds && excess.used == 60_000)
    }
}
