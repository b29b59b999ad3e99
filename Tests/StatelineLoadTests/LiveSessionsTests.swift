import NIOConcurrencyHelpers
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

@Suite(.timeLimit(.minutes(5))) struct LiveSessionsTests {
    /// Sessions of ten turns: every other one makes one a second, the others one in nine seconds.
    private static let uneven = Workload("uneven", "", sessions: 10, rate: 1) { session, _, _ in
        turns((0..<10).map { _ in (session.isMultiple(of: 2) ? 1 : 9, 0) })
    }

    private static func turns(_ times: [(pause: Int, model: Int)]) -> [PlannedTurn] {
        var draft = SessionDraft()
        for (pause, model) in times {
            draft.extend(by: 100, answerTokens: 10)
            draft.time(.seconds(model), after: .seconds(pause))
        }
        return draft.turns
    }

    private func configuration(_ change: (inout LoadConfiguration) -> Void = { _ in }) -> LoadConfiguration {
        var configuration = LoadConfiguration(.init(sessions: 10, rate: 1, duration: .seconds(1), seed: 5))
        change(&configuration)
        return configuration
    }

    @Test func `a session is found as often as it is long, and turns come at the rate of a long run`() {
        let live = LiveSessions(Self.uneven, count: 4000, configuration())
        #expect(live.sessions.count == 4000)
        // Long ones last nine tenths of the time. 400 short ones and 3600 long ones make 800 turns a second.
        let first = live.sessions.count { !$0.turns.isEmpty && $0.due < .seconds(1) }
        #expect((700...900).contains(first))
        let long = live.sessions.count { $0.turns.dropFirst().contains { $0.start == .after(.seconds(9)) } }
        let short = live.sessions.count { $0.turns.dropFirst().contains { $0.start == .after(.seconds(1)) } }
        #expect((7.5...10.5).contains(Double(long) / Double(short)))
        // No part of a life is found more often than another.
        let young = live.sessions.count { $0.turns.count > 5 }
        #expect((1700...2300).contains(young))
    }

    @Test func `the same seed finds the same sessions, another one others`() {
        func dues(_ seed: UInt64) -> [Duration] {
            LiveSessions(Self.uneven, count: 50, configuration { $0.parameters.seed = seed }).sessions.map(\.due)
        }
        #expect(dues(1) == dues(1))
        #expect(dues(1) != dues(2))
    }

    @Test(arguments: [
        (0.5, 1, 4.5, 3), (1.9, 1, 3.1, 3), (2.5, 1, 2.5, 3), (5.5, 2, 6.5, 2), (16, 4, 1, 0),
    ])
    func `a session is cut where the model has been asked`(_ age: Double, _ done: Int, _ due: Double, _ left: Int) {
        // The model works from 0 to 2, from 5 to 7, from 12 to 13, and from 15 to 17.
        let turns = Self.turns([(0, 2), (3, 2), (5, 1), (2, 2)])
        let session = LiveSessions.Session(turns, age: .seconds(age), configuration())
        #expect(session.history == turns[done - 1])
        #expect(session.turns.count == left && session.turns.first?.start ?? .after(.zero) == .after(.zero))
        #expect(abs(session.due / .seconds(1) - due) < 0.001)
        #expect(session.turns.dropFirst() == turns[done...].dropFirst())
    }

    @Test func `a history that is cut short leaves what is new of each step as it was`() throws {
        let parameters = Workload.agentic.parameters(sessions: 50, seed: 2)
        var rewrites = 0
        for number in 0..<50 {
            let steps = Workload.agentic.turns(of: number, in: parameters)
            let all = steps.reduce(.zero) { $0 + configuration().time(of: $1) }
            let whole = LiveSessions.Session(steps, age: all * 0.4, configuration())
            let short = LiveSessions.Session(steps, age: all * 0.4, configuration { $0.liveHistory = 500 })
            let history = try #require(short.history)
            #expect(history.requestTokens + history.keptTokens <= 501)
            #expect(whole.due == short.due && whole.turns.count == short.turns.count)
            var before = history
            for (step, planned) in zip(short.turns, whole.turns) {
                #expect(step.requestTokens - step.commonTokens == planned.requestTokens - planned.commonTokens)
                #expect(step.requestTokens <= planned.requestTokens && step.commonTokens <= before.requestTokens)
                if step.rewrite == nil { #expect(step.commonTokens == before.requestTokens) } else { rewrites += 1 }
                before = step
            }
        }
        #expect(rewrites > 10)
    }

    private func run(_ store: some SessionStore, _ change: (inout LoadConfiguration) -> Void) async throws -> LoadReport
    {
        // A session of this kind lasts about a fifth of a second.
        let parameters = Workload.chat.parameters(speed: 1000, duration: .seconds(0.6), seed: 3)
        var configuration = LoadConfiguration(parameters)
        configuration.live = 20
        change(&configuration)
        return try await LoadRun(.chat, against: LoadTarget(store, name: "memory"), configuration).run()
    }

    @Test func `so many sessions are live from the first turn to the last, and others follow those that end`()
        async throws
    {
        let store = CreationCount(base: MemoryStore())
        let beginnings = Beginnings(store: store)
        let report = try await run(store) { $0.observers = [beginnings] }
        #expect(report.errors == 0, "\(report.errorReasons)")
        #expect(report.audit?.isClean == true)
        #expect(report.liveSessions == 20)
        // Those were there before anything was told or counted.
        #expect(beginnings.created.withLockedValue { $0 } >= 20)
        #expect(report.sessions > 20 && store.created.withLockedValue { $0 } > 20)
        #expect(beginnings.turns.withLockedValue { $0 } == report.turns && report.turns > 0)
        #expect(report.overhead.count == report.turns)
        // Making the first twenty is no part of the run: one commit for each turn, and two calls for each other session.
        let others = store.created.withLockedValue { $0 } - 20
        #expect(report.storeRoundTrips == report.turns + 2 * others)
    }

    @Test func `a session that cannot be made is not counted as live`() async throws {
        let report = try await run(FailingStore(base: MemoryStore())) { _ in }
        #expect(report.errors > 0)
        #expect(try #require(report.liveSessions) < 20)
        #expect(report.audit?.isClean == true)
    }

    @Test func `sessions whose steps begin at times of their own cannot be live`() {
        func canBeLive(_ workload: Workload) -> Bool {
            workload.canBeLive(in: workload.parameters(duration: .seconds(5)))
        }
        #expect(!canBeLive(.hot))
        #expect(canBeLive(.agentic) && canBeLive(.chat) && canBeLive(.branching))
    }
}

/// A store that counts the sessions that were made in it.
private final class CreationCount: ForwardingStore {
    let base: any SessionStore
    let created = NIOLockedValueBox(0)

    init(base: any SessionStore) {
        self.base = base
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let result = try await base.append(batch, to: key, expecting: position)
        if batch.position.revision == 1, case .committed = result { created.withLockedValue { $0 += 1 } }
        return result
    }
}

/// Looks how many sessions there are when the first turn ends, and counts turns.
private final class Beginnings: TurnObserver {
    let store: CreationCount
    let created = NIOLockedValueBox(0)
    let turns = NIOLockedValueBox(0)

    init(store: CreationCount) {
        self.store = store
    }

    func turnEnded(_ turn: EndedTurn) {
        let count = store.created.withLockedValue { $0 }
        let isFirst = turns.withLockedValue { turns in
            turns += 1
            return turns == 1
        }
        if isFirst { created.withLockedValue { $0 = count } }
    }
}
