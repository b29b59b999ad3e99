import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// The machine's transcripts: turns are numbers, and wait with their number.
@Suite struct TurnGateStateMachineTests {
    typealias Machine = TurnGateStateMachine<Int>

    static func turn(_ number: Int) -> TurnID { TurnID(rawValue: UInt128(number)) }

    @Test func `turns begin one after the other in the order in which they came`() {
        var machine = Machine(limit: 3)
        #expect(machine.arrive([0, 1, 2, 3]) == ["enter", "wait", "wait", "wait"])
        for number in 0..<3 { #expect(machine.turnEnded(Self.turn(number)) == number + 1) }
        #expect(machine.turnEnded(Self.turn(3)) == nil)
        #expect(machine.arrive([4]) == ["enter"])
    }

    @Test func `the queue is bounded, and has room again when a turn begins`() {
        var machine = Machine(limit: 1)
        #expect(machine.arrive([0, 1, 2]) == ["enter", "wait", "refuse"])
        #expect(machine.turnEnded(Self.turn(0)) == 1)
        #expect(machine.arrive([3, 4]) == ["wait", "refuse"])
    }

    @Test func `a turn that leaves is passed over and makes room`() {
        var machine = Machine(limit: 2)
        _ = machine.arrive([0, 1, 2])
        #expect(machine.turnLeft(Self.turn(1)) == 1)
        #expect(machine.turnLeft(Self.turn(1)) == nil, "it is resumed once")
        #expect(machine.arrive([3]) == ["wait"])
        #expect(machine.turnEnded(Self.turn(0)) == 2)
        #expect(machine.turnEnded(Self.turn(2)) == 3)
        #expect(machine.waitingCount == 0)
    }

    @Test func `only the turn that holds the gate can free it`() {
        var machine = Machine(limit: 2)
        _ = machine.arrive([0, 1])
        #expect(machine.turnEnded(Self.turn(1)) == nil, "it waits")
        #expect(machine.turnLeft(Self.turn(0)) == nil, "it holds the gate")
        let isFree = machine.turnArrived(Self.turn(2))
        #expect(!isFree)
        #expect(machine.turnEnded(Self.turn(0)) == 1)
        #expect(machine.turnEnded(Self.turn(0)) == nil, "it is over")
    }

    @Test func `random arrivals, departures and ends agree with a plain queue`() {
        var (generator, _) = SeededGenerator.printed(for: "turn gate")
        var machine = Machine(limit: 4)
        var held: Int?
        var queue: [Int] = []
        for number in 0..<20_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let expected = held == nil ? "enter" : queue.count < 4 ? "wait" : "refuse"
                #expect(machine.arrive([number]) == [expected])
                if expected == "enter" { held = number }
                if expected == "wait" { queue.append(number) }
            case 2:
                let leaving = queue.randomElement(using: &generator) ?? number
                let isThere = queue.contains(leaving)
                #expect(machine.turnLeft(Self.turn(leaving)) == (isThere ? leaving : nil))
                queue.removeAll { $0 == leaving }
            default:
                let next = held == nil ? nil : queue.first
                #expect(machine.turnEnded(Self.turn(held ?? number)) == next)
                if held != nil { held = queue.isEmpty ? nil : queue.removeFirst() }
            }
            #expect(machine.waitingCount == queue.count)
        }
    }
}

extension TurnGateStateMachine where Waiter == Int {
    /// Lets turns arrive, and tells how each was received.
    fileprivate mutating func arrive(_ numbers: [Int]) -> [String] {
        var words: [String] = []
        for number in numbers {
            switch turnArrived(TurnGateStateMachineTests.turn(number), waitingWith: number) {
            case .enter: words.append("enter")
            case .wait: words.append("wait")
            case .refuse: words.append("refuse")
            }
        }
        return words
    }
}

@Suite(.timeLimit(.minutes(5))) struct TurnGateTests {
    /// A boundary whose turns wait, and a model that counts its calls.
    func boundary(_ store: any SessionStore, cache: MemoryCache? = nil, limit: Int = 64) -> Boundary {
        Boundary(store: store, cache: cache, concurrency: .enqueue(limit: limit))
    }

    /// Waits until turns wait at a session's gate.
    func waitFor(_ count: Int, at session: ModelSession) async {
        while session.gate?.waitingCount != count { await Task.yield() }
    }

    @Test(arguments: [false, true])
    func `fifty messages to five sessions at once are fifty answers for fifty paid calls`(isCached: Bool) async throws {
        let boundary = boundary(MemoryStore(), cache: isCached ? MemoryCache() : nil)
        // An atomic, because the thread sanitizer does not see what a contended mutex orders.
        let calls = Atomic(0)
        let model = FunctionModel { request in
            calls.add(1, ordering: .relaxed)
            await Task.yield()
            return .text("answer to \(request.transcript.last?.text ?? "")")
        }
        let answers = await withTaskGroup(of: String?.self) { group in
            for message in 0..<50 {
                group.addTask {
                    // A handle for each request, as a server opens one.
                    let session = try? await boundary.session(SessionKey("thread-\(message % 5)"), model: model)
                    return try? await session?.respond(to: "message \(message)").content
                }
            }
            return await group.reduce(into: Set<String>()) { if let answer = $1 { $0.insert(answer) } }
        }
        #expect(answers == Set((0..<50).map { "answer to message \($0)" }))
        #expect(calls.load(ordering: .relaxed) == 50)
        for thread in 0..<5 {
            let session = try await boundary.session(SessionKey("thread-\(thread)"), model: model)
            #expect(session.transcript.count == 20)
            #expect(try await session.ledger().count == 10)
        }
    }

    @Test func `turns wait in their order, and begin after what the one before committed`() async throws {
        let boundary = boundary(MemoryStore())
        let model = FunctionModel { .text("\($0.transcript.count)") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        var turn = try await first.checkout("0")
        var tasks: [Task<Response<String>, any Error>] = []
        for number in 1...4 {
            let session = try await boundary.session(SessionKey("s"), model: model)
            tasks.append(Task { try await session.respond(to: "\(number)") })
            await waitFor(number, at: first)
        }
        try turn.append(Answer.text("1"))
        _ = try await turn.commit()
        for (index, task) in tasks.enumerated() {
            let response = try await task.value
            #expect(response.content == "\(2 * index + 3)", "the prompt comes after all before it")
            #expect(response.trace[.queueWait] > .zero)
        }
    }

    @Test func `a turn beyond the limit is refused before it pays`() async throws {
        let boundary = boundary(MemoryStore(), limit: 1)
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        let third = try await boundary.session(SessionKey("s"), model: model)
        let other = try await boundary.session(SessionKey("other"), model: model)
        let turn = try await first.checkout("0")
        let waiting = Task { try await second.respond(to: "1") }
        await waitFor(1, at: first)
        await #expect(throws: SessionError.tooManyWaitingTurns(SessionKey("s"), limit: 1)) {
            try await third.respond(to: "2")
        }
        #expect(!third.isResponding)
        #expect(try await other.respond(to: "another session does not wait").revision == 2)
        await turn.abandon()
        #expect(try await waiting.value.revision == 2)
        #expect(try await third.respond(to: "2").revision == 3)
    }

    @Test func `a turn that waits can be cancelled, and holds up no other`() async throws {
        let boundary = boundary(MemoryStore())
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        let third = try await boundary.session(SessionKey("s"), model: model)
        let turn = try await first.checkout("0")
        let cancelled = Task { try await second.respond(to: "1") }
        await waitFor(1, at: first)
        let waiting = Task { try await third.respond(to: "2") }
        await waitFor(2, at: first)
        cancelled.cancel()
        await #expect(throws: SessionError.cancelled()) { try await cancelled.value }
        #expect(!second.isResponding)
        await turn.abandon()
        #expect(try await waiting.value.revision == 2)
    }

    @Test func `cancelled at any moment, a turn neither keeps the gate nor loses it`() async throws {
        let boundary = boundary(MemoryStore(), limit: 1000)
        let model = FunctionModel { _ in .text("ok") }
        let session = try await boundary.session(SessionKey("s"), model: model)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    guard let handle = try? await boundary.session(SessionKey("s"), model: model) else { return }
                    let turn = Task { _ = try? await handle.respond(to: "\(number)") }
                    if number % 2 == 0 { turn.cancel() }
                    await turn.value
                }
            }
        }
        #expect(session.gate?.waitingCount == 0)
        try await session.respond(to: "the last one")
    }

    @Test(arguments: Change.allCases)
    func `a rewind, and the commit of a draft, wait for the turns that came before`(change: Change) async throws {
        let boundary = boundary(MemoryStore())
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        let draft = try await second.keptDraft()
        var turn = try await first.checkout("0")
        try turn.append(Answer.text("paid"))
        let hasEnded = Mutex(false)
        let changing = Task {
            defer { hasEnded.withLock { $0 = true } }
            return try await change.make(to: second, draft)
        }
        while first.gate?.waitingCount != 1, !hasEnded.withLock({ $0 }) { await Task.yield() }
        #expect(first.gate?.waitingCount == 1)
        let commit = try await turn.commit()
        #expect(try await changing.value.revision == commit.revision.next)
    }

    @Test(arguments: Change.allCases)
    func `a turn waits for a rewind, and for the commit of a draft, on another handle`(change: Change) async throws {
        let store = HeldStore(MemoryStore())
        let boundary = boundary(store)
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        let draft = try await first.keptDraft()
        store.hold()
        let changing = Task { try await change.make(to: first, draft) }
        await store.waitUntilHanging()
        let hasBegun = Mutex(false)
        let turning = Task {
            var turn = try await second.checkout("next")
            hasBegun.withLock { $0 = true }
            try turn.append(Answer.text("paid"))
            return try await turn.commit()
        }
        while second.gate?.waitingCount != 1, !hasBegun.withLock({ $0 }) { await Task.yield() }
        #expect(second.gate?.waitingCount == 1)
        store.release()
        let position = try await changing.value
        let commit = try await turning.value
        #expect(commit.revision == position.revision.next)
        #expect(commit.trace.storeRoundTrips == 2, "the handle was opened, and the turn committed once")
    }

    @Test(arguments: Change.allCases)
    func `a rewind, or the commit of a draft, that may not wait leaves its handle free`(change: Change) async throws {
        let boundary = boundary(MemoryStore(), limit: 1)
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        let third = try await boundary.session(SessionKey("s"), model: model)
        let draft = try await second.keptDraft()
        let turn = try await first.checkout("0")
        let waiting = Task { try await third.respond(to: "1") }
        await waitFor(1, at: first)
        await #expect(throws: SessionError.tooManyWaitingTurns(SessionKey("s"), limit: 1)) {
            try await change.make(to: second, draft)
        }
        #expect(!second.isResponding)
        waiting.cancel()
        await #expect(throws: SessionError.cancelled()) { try await waiting.value }
        let hasEnded = Mutex(false)
        let cancelled = Task {
            defer { hasEnded.withLock { $0 = true } }
            try await change.make(to: second, draft)
        }
        while first.gate?.waitingCount != 1, !hasEnded.withLock({ $0 }) { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: SessionError.cancelled()) { try await cancelled.value }
        #expect(!second.isResponding)
        await turn.abandon()
        try await second.respond(to: "2")
    }

    @Test func `a turn that is dropped lets the next one begin`() async throws {
        let boundary = boundary(MemoryStore())
        let model = FunctionModel { _ in .text("ok") }
        let first = try await boundary.session(SessionKey("s"), model: model)
        let second = try await boundary.session(SessionKey("s"), model: model)
        func drop() async throws { _ = try await first.checkout("0") }
        try await drop()
        #expect(try await second.respond(to: "1").revision == 2)
    }

    @Test func `gates are kept for sessions that have a handle, and for no others`() async throws {
        let boundary = boundary(MemoryStore())
        let model = FunctionModel { _ in .text("ok") }
        for number in 0..<100 {
            let session = try await boundary.session(SessionKey("\(number)"), model: model)
            let again = try await boundary.session(SessionKey("\(number)"), model: model)
            #expect(session.gate === again.gate)
            try await again.respond(to: "hello")
        }
        #expect(boundary.directory?.sessionCount == 0)
    }
}
