import NIOCore
import Testing

@testable import Stateline

/// The machine's transcripts: every input in every state.
@Suite struct TurnStateMachineTests {
    typealias Machine = TurnStateMachine

    static let call = ToolCall(id: "a", name: "one", arguments: "{}")
    static let output = ToolOutput(callID: "a", name: "one", text: "fine")
    static let plain = Answer.text("ok")
    static let calling = Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)

    /// A call that began 1 s after its turn.
    static func started(_ parser: any AnswerParser = LineDialect().makeParser(isStreamed: true)) -> Machine.Call {
        let crossing = Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: 3,
            newBytes: 4,
            requestDigest: .zero,
            outcome: .abandoned
        )
        let request = ModelRequest(
            route: crossing.route,
            transcript: Transcript(),
            sentAgainBytes: 3,
            prefixBytes: 3
        )
        return Machine.Call(request, crossing: crossing, previousTokens: nil, parser: parser, at: .seconds(1))
    }

    static func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

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
        _ = machine.callStarted(Self.started())
        switch state {
        case .open, .calling: break
        case .answered: _ = machine.answered(Self.plain, rendered: Self.bytes("ok"), at: .seconds(3))
        case .toolsOpen, .openAgain: _ = machine.answered(Self.calling, rendered: Self.bytes(""), at: .seconds(3))
        case .failed: machine.callFailed(.failed("x"), at: .seconds(3))
        case .committing, .ended:
            _ = machine.answered(Self.plain, rendered: Self.bytes("ok"), at: .seconds(3))
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
        #expect(machine.callStarted(Self.started()) == nil)
        #expect(machine.answered(Self.plain, rendered: Self.bytes("123456789"), at: .seconds(3)) == nil)
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
        #expect(machine.callStarted(Self.started()) == misuse)
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
        #expect(machine.answered(Self.plain, rendered: Self.bytes("ok"), at: .seconds(3)) == misuse)
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
        let left = machine.unrecorded(endingWith: .cancelled, at: .seconds(6))
        let calls = machine.abandoned(.cancelled, at: .seconds(6))
        #expect(left == calls, "a turn that is dropped leaves the same")
        switch state {
        case .open: #expect(calls == [])
        case .committing, .ended: #expect(calls == [], "the store decides, or has decided")
        case .calling, .answered, .toolsOpen, .openAgain, .failed:
            #expect(calls.count == made)
            #expect((calls.last?.outcome == .cancelled) == (state == .calling))
            #expect(calls.last?.duration == .seconds(state == .calling ? 5 : 2))
            #expect(machine.abandoned(.cancelled, at: .seconds(7)) == [], "it is owed once")
        }
    }

    @Test(arguments: [true, false])
    func `after a failed commit the calls are owed where it is known that they are not stored`(isKnown: Bool) {
        var machine = machine(in: .committing)
        #expect(machine.commitFailed(isKnown: isKnown).count == (isKnown ? 1 : 0))
        #expect(machine.draft == nil)
    }

    @Test func `each call after a failed one has a crossing of its own`() throws {
        var machine = machine(in: .failed)
        let awaitsCall = machine.awaitsCall
        #expect(!awaitsCall, "what comes now could be the rest of the failed answer")
        #expect(machine.callStarted(Self.started()) == nil)
        machine.callFailed(.failed("y"), at: .seconds(3))
        #expect(machine.callStarted(Self.started()) == nil)
        #expect(machine.answered(Self.plain, rendered: Self.bytes("ok"), at: .seconds(3)) == nil)
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

    @Test func `bytes of an answer are read in place and counted from the first to the end of the call`() throws {
        let key = SessionKey("s")
        let position = Position.origin(of: key, incarnation: Incarnation(rawValue: 1))
        var machine = Machine(draft: Draft(turn: TurnID(rawValue: 1), base: position, entries: [.prompt("p")]))
        #expect(machine.callStarted(Self.started(OwnerCheck())) == nil)
        #expect(try machine.received(Self.bytes("123"), at: .seconds(2)) == [.text("alone")])
        #expect(try machine.received(Self.bytes("45"), at: .seconds(3)) == [.text("alone")])
        let answer = try machine.answerEnded(at: .seconds(4)).answer
        #expect(machine.nextAction == .receiveAnswer, "the answer is the turn's once it is given back")
        #expect(machine.answered(answer, rendered: Self.bytes("unused"), at: .seconds(4)) == nil)
        #expect(machine.nextAction == .commit)
        let crossing = try #require(machine.draft?.crossings.first)
        #expect(crossing.receivedBytes == 5)
        #expect(crossing.answerDigest == .sha256(Self.bytes("12345")))
        #expect(crossing.firstByte == .seconds(1))
        #expect(crossing.duration == .seconds(3))
    }

    @Test func `bytes that a dialect does not allow end the call, which can be made again`() {
        var machine = machine(in: .calling)
        #expect(throws: Machine.Failure.model(.malformedAnswer("nonsense"))) {
            try machine.received(Self.bytes("nonsense\n"), at: .seconds(2))
        }
        #expect(machine.nextAction == .retryOrAbandon)
        #expect(throws: Machine.Failure.misuse(.failed)) {
            try machine.received(Self.bytes("text:late\n"), at: .seconds(3))
        }
        #expect(machine.callStarted(Self.started()) == nil)
    }
}

/// A parser that tells if another copy of its storage exists: then each chunk would copy what came before it.
private struct OwnerCheck: AnswerParser {
    private final class Storage: Sendable {}
    private var storage = Storage()

    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        [.text(isKnownUniquelyReferenced(&storage) ? "alone" : "shared")]
    }

    mutating func finish() throws(ModelError) -> Answer { .text("done") }
}
