import Testing

@testable import Stateline

/// The machine's transcripts: every input in every state.
@Suite struct TurnStateMachineTests {
    typealias Machine = TurnStateMachine

    static let call = ToolCall(id: "a", name: "one", arguments: "{}")
    static let output = ToolOutput(callID: "a", name: "one", text: "fine")
    static let plain = Answer.text("ok")
    static let calling = Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)

    static var crossing: Crossing {
        Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: 3,
            newBytes: 4,
            requestDigest: .zero,
            outcome: .abandoned
        )
    }

    /// A state, by the inputs that lead to it.
    enum State: CaseIterable {
        case open
        case calling
        case answered
        case toolsOpen
        case openAgain
        case failed
        case committing
        case ended
    }

    func machine(in state: State) -> Machine {
        let key = SessionKey("s")
        let position = Position.origin(of: key, incarnation: Incarnation(rawValue: 1))
        var machine = Machine(draft: Draft(turn: TurnID(rawValue: 1), base: position, entries: [.prompt("p")]))
        if state == .open { return machine }
        _ = machine.callStarted(Self.crossing)
        switch state {
        case .open, .calling: break
        case .answered: _ = machine.answered(Self.plain) { _ in }
        case .toolsOpen, .openAgain: _ = machine.answered(Self.calling) { _ in }
        case .failed: machine.callFailed(.failed("x")) { _ in }
        case .committing, .ended:
            _ = machine.answered(Self.plain) { _ in }
            _ = machine.commitStarted()
        }
        if state == .openAgain { _ = machine.toolsReturned([Self.output]) }
        if state == .ended { machine.committed() }
        return machine
    }

    @Test func `a turn with a tool ends in a draft of all its entries and calls`() throws {
        var machine = machine(in: .openAgain)
        let awaitsCall = machine.awaitsCall
        #expect(awaitsCall)
        #expect(machine.callStarted(Self.crossing) == nil)
        #expect(machine.answered(Self.plain) { $0.receivedBytes = 9 } == nil)
        let draft = try machine.commitStarted().get()
        #expect(draft.entries.map(\.text) == ["p", "", "fine", "ok"])
        #expect(draft.crossings.map(\.outcome) == [.answered(.toolCalls), .answered(.stop)])
        #expect(draft.crossings.map(\.receivedBytes) == [0, 9])
        machine.committed()
        #expect(machine.draft == nil)
    }

    @Test(
        arguments: zip(
            State.allCases,
            [
                nil, .callUnderWay, .alreadyAnswered, .openToolCalls([call]), nil, nil, .ended, .ended,
            ] as [Machine.Misuse?]
        )
    )
    func `a call starts where one is due, and again after one that failed`(state: State, misuse: Machine.Misuse?) {
        var machine = machine(in: state)
        #expect(machine.callStarted(Self.crossing) == misuse)
    }

    @Test(
        arguments: zip(
            State.allCases,
            [.noCallUnderWay, nil, .alreadyAnswered, .noCallUnderWay, .noCallUnderWay, .failed, .ended, .ended]
                as [Machine.Misuse?]
        )
    )
    func `an answer is taken only while a call is under way`(state: State, misuse: Machine.Misuse?) {
        var machine = machine(in: state)
        #expect(machine.answered(Self.plain) { _ in } == misuse)
    }

    @Test(
        arguments: zip(
            State.allCases,
            [.noCallUnderWay, .callUnderWay, .unknownCalls(["a"]), nil, .noCallUnderWay, .failed, .ended, .ended]
                as [Machine.Misuse?]
        )
    )
    func `outputs are taken only for open calls`(state: State, misuse: Machine.Misuse?) {
        var machine = machine(in: state)
        #expect(machine.toolsReturned([Self.output]) == misuse)
    }

    @Test(
        arguments: zip(
            State.allCases,
            [
                .noCallUnderWay, .callUnderWay, nil, .openToolCalls([call]), .noCallUnderWay, .failed, .ended, .ended,
            ] as [Machine.Misuse?]
        )
    )
    func `only a whole answer is committed`(state: State, misuse: Machine.Misuse?) {
        var machine = machine(in: state)
        switch machine.commitStarted() {
        case .success: #expect(misuse == nil)
        case .failure(let found): #expect(found == misuse)
        }
    }

    @Test(arguments: State.allCases)
    func `abandoned anywhere, exactly the calls that were made are owed`(state: State) {
        var machine = machine(in: state)
        let made = machine.callCount
        let settlement = machine.abandoned(.cancelled) { $0.receivedBytes = 5 }
        switch state {
        case .open: #expect(settlement == .nothing)
        case .committing, .ended: #expect(settlement == .nothing, "the store decides, or has decided")
        case .calling, .answered, .toolsOpen, .openAgain, .failed:
            guard case .record(let crossings) = settlement else {
                Issue.record("nothing is owed")
                return
            }
            #expect(crossings.count == made)
            #expect((crossings.last?.outcome == .cancelled) == (state == .calling))
            #expect(machine.abandoned(.cancelled) { _ in } == .nothing, "it is owed once")
        }
    }

    @Test(arguments: [true, false])
    func `after a failed commit the calls are owed where it is known that they are not stored`(isKnown: Bool) {
        var machine = machine(in: .committing)
        let settlement = machine.commitFailed(isKnown: isKnown)
        if case .record(let crossings) = settlement { #expect(crossings.count == 1) }
        #expect((settlement == .nothing) == !isKnown)
        #expect(machine.draft == nil)
    }

    @Test func `each call after a failed one has a crossing of its own`() throws {
        var machine = machine(in: .failed)
        let awaitsCall = machine.awaitsCall
        #expect(!awaitsCall, "what comes now could be the rest of the failed answer")
        #expect(machine.callStarted(Self.crossing) == nil)
        machine.callFailed(.failed("y")) { _ in }
        #expect(machine.callStarted(Self.crossing) == nil)
        #expect(machine.answered(Self.plain) { _ in } == nil)
        let draft = try machine.commitStarted().get()
        #expect(draft.crossings.map(\.outcome) == [.failed("x"), .failed("y"), .answered(.stop)])
        #expect(draft.entries.map(\.text) == ["p", "ok"])
    }

    @Test(arguments: State.allCases)
    func `what is kept of a turn that stops has an output for each tool call`(state: State) {
        let machine = machine(in: state)
        let kept = machine.kept
        switch state {
        case .open, .calling, .failed: #expect(kept == nil, "nothing was received")
        case .committing, .ended: #expect(kept == nil, "the commit gives the draft back")
        case .answered: #expect(kept?.entries.map(\.text) == ["p", "ok"])
        case .toolsOpen: #expect(kept?.entries.last == Entry(.toolOutput(.interrupted(Self.call))))
        case .openAgain: #expect(kept?.entries.last == Entry(.toolOutput(Self.output)))
        }
        if let kept {
            #expect(Transcript(kept.entries).openToolCalls.isEmpty)
            #expect(kept.crossings.isEmpty, "the session records them")
        }
    }

    @Test func `outputs of calls that are not open are named, and change nothing`() {
        var machine = machine(in: .toolsOpen)
        let other = ToolOutput(callID: "b", name: "one", text: "x")
        #expect(machine.toolsReturned([Self.output, other]) == .unknownCalls(["b"]))
        #expect(machine.toolsReturned([Self.output]) == nil)
    }
}
