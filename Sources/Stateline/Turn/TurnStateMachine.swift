internal import NIOCore

/// The life of a turn, apart from clock, lock and I/O.
///
/// Inputs and outputs are values: between two inputs the driver can write what the turn has received so far. Nothing that
/// the machine holds is in the session before ``committed()``; a turn that ends otherwise leaves at most a record of the
/// calls that were made.
struct TurnStateMachine: ~Copyable, Sendable {
    enum State: ~Copyable, Sendable {
        /// No call was made since the turn began or since tools gave their outputs. Next: `calling`, `ended`.
        case open
        /// A call was made and its answer is not whole. Next: `answered`, `failed`, `ended`.
        case calling(Call)
        /// The last call was answered; these tool calls are open. Next: `open` when the last of them is answered,
        /// `committing` if there is none, `ended`.
        case answered([ToolCall])
        /// The last call failed; nothing of it is in the draft but its crossing. Next: `calling`, which is a retry, another
        /// route or a smaller request, and has a crossing of its own; `answered`, if the text that had come is kept;
        /// `ended`.
        case failed(BrokenAnswer?)
        /// The batch is with the store. Next: `ended`, whichever way.
        case committing
        /// Over.
        case ended
    }

    var state: State
    var collected: Draft
    /// The numbers of the draft's first entries and calls that the log holds.
    var logged = (entries: 0, calls: 0)
    /// The number of calls that were made before the turn was continued here.
    private let earlierCalls: Int

    init(draft: Draft) {
        self.collected = draft
        self.state = .open
        self.earlierCalls = 0
    }

    /// Continues a turn from its entries in the log.
    ///
    /// - Parameters:
    ///   - draft: The entries, without calls.
    ///   - calls: The number of its calls in the ledger.
    init(continuing draft: Draft, after calls: Int) {
        self.collected = draft
        self.collected.hasEarlierAnswers = draft.entries.contains(where: \.isAnswer)
        self.logged.entries = draft.entries.count
        self.earlierCalls = calls
        let open = Transcript(draft.entries).openToolCalls
        self.state =
            if !open.isEmpty { .answered(open) } else if draft.entries.last?.isAnswer == true { .answered([]) } else {
                .open
            }
    }

    /// The entries and calls of the turn so far; `nil` once it has ended.
    var draft: Draft? { isEnded ? nil : collected }

    /// `true` once the turn was committed, could not be committed, or was abandoned.
    var isEnded: Bool {
        switch state {
        case .ended: true
        case .open: false
        case .calling: false
        case .answered: false
        case .failed: false
        case .committing: false
        }
    }

    private var isCommitting: Bool {
        switch state {
        case .committing: true
        case .open: false
        case .calling: false
        case .answered: false
        case .failed: false
        case .ended: false
        }
    }

    /// `true` while a call is under way.
    var isCalling: Bool { nextAction == .receiveAnswer }

    /// `true` if a call is due, so that an answer may begin without ``callStarted(_:)``.
    ///
    /// After a failed call it may not: the bytes could be the rest of the failed answer.
    var awaitsCall: Bool { nextAction == .startCall }

    /// The next thing to do.
    var nextAction: Action {
        switch state {
        case .open: .startCall
        case .calling: .receiveAnswer
        case .answered(let calls): calls.isEmpty ? .commit : .runTools(calls)
        case .failed: .retryOrAbandon
        case .committing: .nothing
        case .ended: .nothing
        }
    }

    /// The stage in which the turn waits for its next input.
    var restingStage: Stage {
        switch state {
        case .open: .project
        case .calling: .stream
        case .failed: .stream
        case .answered(let calls): calls.isEmpty ? .stream : .tools
        case .committing: .storeCommit
        case .ended: .storeCommit
        }
    }

    /// `true` if the answer of the call that is under way has ended, whatever its connection does.
    var isAnswerComplete: Bool {
        switch state {
        case .calling(let call): call.isComplete
        case .open: false
        case .answered: false
        case .failed: false
        case .committing: false
        case .ended: false
        }
    }

    /// `true` if the content of the answer has ended; no more than usage or an end mark can follow.
    var hasAnswerEnded: Bool {
        switch state {
        case .calling(let call): call.hasEnded
        case .open: false
        case .answered: false
        case .failed: false
        case .committing: false
        case .ended: false
        }
    }

    /// The request of the call that is under way.
    var request: ModelRequest? {
        switch state {
        case .calling(let call): call.request
        case .open: nil
        case .answered: nil
        case .failed: nil
        case .committing: nil
        case .ended: nil
        }
    }

    /// The number of calls that were made.
    var callCount: Int {
        switch state {
        case .calling: earlierCalls + collected.crossings.count + 1
        case .open: earlierCalls + collected.crossings.count
        case .answered: earlierCalls + collected.crossings.count
        case .failed: earlierCalls + collected.crossings.count
        case .committing: earlierCalls + collected.crossings.count
        case .ended: 0
        }
    }

    /// The part of the draft that can be committed although the turn has not ended; `nil` if no call was answered.
    var kept: Draft? {
        switch state {
        case .open: collected.kept(interrupting: [])
        case .calling: collected.kept(interrupting: [])
        case .failed: collected.kept(interrupting: [])
        case .answered(let calls): collected.kept(interrupting: calls)
        case .committing: nil
        case .ended: nil
        }
    }

    /// The reason why no call may be made now.
    var refusalOfCall: Misuse? {
        switch state {
        case .open: nil
        case .failed: nil
        case .answered(let calls): calls.isEmpty ? .alreadyAnswered : .openToolCalls(calls)
        case .calling: misuse
        case .committing: misuse
        case .ended: misuse
        }
    }

    /// The reason why no answer can be taken now.
    var refusalOfAnswer: Misuse? {
        switch state {
        case .calling: nil
        case .answered(let calls): calls.isEmpty ? .alreadyAnswered : .noCallUnderWay
        case .open: misuse ?? .noCallUnderWay
        case .failed: misuse ?? .noCallUnderWay
        case .committing: misuse ?? .noCallUnderWay
        case .ended: misuse ?? .noCallUnderWay
        }
    }

    private var misuse: Misuse? {
        switch state {
        case .open: nil
        case .answered: nil
        case .calling: .callUnderWay
        case .failed: .failed
        case .committing: .ended
        case .ended: .ended
        }
    }
}

extension TurnStateMachine {
    /// Records that a request was sent, if a call may start now.
    ///
    /// - Returns: The reason why no call may start now; `nil` if it started.
    mutating func callStarted(_ call: consuming Call) -> Misuse? {
        if let refusal = refusalOfCall { return refusal }
        state = .calling(call)
        return nil
    }

    /// Reads bytes of the answer.
    ///
    /// - Returns: The parts of the answer that can be shown already.
    /// - Throws: ``Failure``; bytes that the dialect does not allow end the call.
    mutating func received(_ bytes: ByteBuffer, at now: Duration) throws(Failure) -> [AnswerPart] {
        try read(at: now) { call throws(ModelError) in try call.append(bytes, at: now) }
    }

    /// Ends the answer, whose bytes have all come.
    ///
    /// - Returns: The answer, which is the turn's once it is given to ``answered(_:rendered:at:)``, and the end of its text
    ///   that no part has shown.
    /// - Throws: ``Failure``; bytes that are not a whole answer end the call.
    mutating func answerEnded(at now: Duration) throws(Failure) -> (answer: Answer, unshownText: String) {
        try read(at: now) { call throws(ModelError) in try call.finish() }
    }

    private mutating func read<Value>(
        at now: Duration,
        _ body: (inout Call) throws(ModelError) -> Value
    ) throws(Failure) -> Value {
        if let refusal = refusalOfAnswer { throw .misuse(refusal) }
        // Taken out of the state, so that the parser's buffers have one owner and are changed in place.
        guard case .calling(var call) = exchange(&state, with: .failed(nil)) else { throw .misuse(.noCallUnderWay) }
        do throws(ModelError) {
            let value = try body(&call)
            state = .calling(call)
            return value
        } catch {
            collected.crossings.append(call.crossing(.failed(error.code), at: now))
            state = .failed(call.broken(by: .failed(error.code), at: now))
            throw .model(error.naming(request: call.requestID))
        }
    }

    /// Records the name that the provider gives to the request of the call that is under way.
    mutating func requestNamed(_ id: String) {
        guard refusalOfAnswer == nil, case .calling(var call) = exchange(&state, with: .failed(nil)) else { return }
        call.requestID = id
        state = .calling(call)
    }

    /// Takes the text of the answer that broke off as the turn's answer.
    ///
    /// - Returns: The answer; `nil` if the last call did not fail, or brought no text.
    mutating func brokenAnswerKept() -> BrokenAnswer? {
        let broken: BrokenAnswer?
        switch state {
        case .failed(let left): broken = left
        case .open: return nil
        case .calling: return nil
        case .answered: return nil
        case .committing: return nil
        case .ended: return nil
        }
        guard let broken, let last = collected.crossings.indices.last else { return nil }
        collected.crossings[last] = broken.crossing
        collected.entries += broken.answer.entries
        state = .answered([])
        return broken
    }

    /// Records that the call brought a whole answer.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - rendered: Its entries as the dialect sends them: the size of an answer that came without bytes.
    ///   - now: The time since the turn began.
    /// - Returns: The reason why the answer is not due; `nil` if it was taken.
    mutating func answered(_ answer: Answer, rendered: ByteBuffer, at now: Duration) -> Misuse? {
        let crossing: Crossing
        switch state {
        case .calling(let call): crossing = call.crossing(of: answer, rendered: rendered, at: now)
        case .open: return refusalOfAnswer
        case .answered: return refusalOfAnswer
        case .failed: return refusalOfAnswer
        case .committing: return refusalOfAnswer
        case .ended: return refusalOfAnswer
        }
        collected.crossings.append(crossing)
        collected.entries += answer.entries
        state = .answered(answer.toolCalls)
        return nil
    }

    /// Records that the call brought no answer.
    mutating func callFailed(_ outcome: Crossing.Outcome, at now: Duration) {
        let crossing: Crossing
        let broken: BrokenAnswer?
        switch state {
        case .calling(let call):
            crossing = call.crossing(outcome, at: now)
            broken = call.broken(by: outcome, at: now)
        case .open: return
        case .answered: return
        case .failed: return
        case .committing: return
        case .ended: return
        }
        collected.crossings.append(crossing)
        state = .failed(broken)
    }

    /// Tools gave outputs.
    ///
    /// Once each open call has one, the next call may be made.
    ///
    /// - Returns: The reason why the outputs were not taken, none of them; `nil` if they were.
    mutating func toolsReturned(_ outputs: [ToolOutput]) -> Misuse? {
        var calls: [ToolCall]
        switch state {
        case .answered(let open): calls = open
        case .open: return misuse ?? .noCallUnderWay
        case .calling: return misuse ?? .noCallUnderWay
        case .failed: return misuse ?? .noCallUnderWay
        case .committing: return misuse ?? .noCallUnderWay
        case .ended: return misuse ?? .noCallUnderWay
        }
        var unknown: [ToolCall.ID] = []
        for output in outputs {
            if let index = calls.firstIndex(where: { $0.id == output.callID }) {
                calls.remove(at: index)
            } else {
                unknown.append(output.callID)
            }
        }
        guard unknown.isEmpty else { return .unknownCalls(unknown) }
        collected.entries += outputs.map { Entry(.toolOutput($0)) }
        state = calls.isEmpty && !outputs.isEmpty ? .open : .answered(calls)
        return nil
    }

    /// Begins the commit of the turn.
    ///
    /// - Returns: The draft to append, or the reason why the turn cannot be committed; it can still continue then.
    mutating func commitStarted() -> Result<Draft, Misuse> {
        switch state {
        case .answered(let calls):
            guard calls.isEmpty else { return .failure(.openToolCalls(calls)) }
        case .open: return .failure(.noCallUnderWay)
        case .calling: return .failure(misuse ?? .ended)
        case .failed: return .failure(misuse ?? .ended)
        case .committing: return .failure(misuse ?? .ended)
        case .ended: return .failure(misuse ?? .ended)
        }
        state = .committing
        return .success(collected)
    }

    /// Records that the store has the batch.
    mutating func committed() {
        if isCommitting { state = .ended }
    }

    /// Records that the store does not have the batch, or may not have it: the draft goes back to the caller.
    ///
    /// - Parameter isKnown: `true` if it is certain that the batch was not committed. If not, its calls stay in the draft:
    ///   recording them apart could record them twice.
    /// - Returns: The calls that the ledger lacks.
    mutating func commitFailed(isKnown: Bool) -> [Crossing] {
        guard isCommitting else { return [] }
        state = .ended
        return isKnown ? Array(collected.crossings.dropFirst(logged.calls)) : []
    }

    /// Ends the turn without a commit, unless its batch was sent to the store; the store's answer then counts.
    ///
    /// - Parameters:
    ///   - outcome: The outcome of a call that is under way.
    ///   - now: The time since the turn began.
    /// - Returns: The calls that the ledger lacks.
    mutating func abandoned(_ outcome: Crossing.Outcome, at now: Duration) -> [Crossing] {
        let crossings = unrecorded(endingWith: outcome, at: now)
        if !isCommitting { state = .ended }
        return crossings
    }

    /// Returns the calls that the ledger lacks if the turn ends now, such as in a `deinit`, which changes nothing.
    ///
    /// - Parameters:
    ///   - outcome: The outcome of a call that is under way.
    ///   - now: The time since the turn began.
    /// - Returns: The calls.
    func unrecorded(endingWith outcome: Crossing.Outcome, at now: Duration) -> [Crossing] {
        switch state {
        case .open: Array(unloggedCalls)
        case .answered: Array(unloggedCalls)
        case .failed: Array(unloggedCalls)
        case .calling(let call): unloggedCalls + [call.crossing(outcome, at: now)]
        case .committing: []
        case .ended: []
        }
    }
}
