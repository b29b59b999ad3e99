/// The life of a turn, apart from clock, lock and I/O.
///
/// Nothing it holds is in the session before ``committed()``: whatever happens until then, what is owed to the session
/// is at most a record of the calls that were made.
struct TurnStateMachine: ~Copyable {
    /// What is left to do when a turn ends without a commit.
    enum Settlement: Equatable {
        /// Nothing crossed: there is nothing to record.
        case nothing
        /// These calls were made, and the ledger has to show them.
        case record([Crossing])
    }

    /// Why a step is not possible now: a bug of the caller's, told as a value because foreign runtimes make them.
    enum Misuse: Equatable {
        /// A call is under way, and its answer is not whole.
        case callUnderWay
        /// No call is under way.
        case noCallUnderWay
        /// The last call was answered, and the model wants no tools: the turn is complete.
        case alreadyAnswered
        /// The model wants tools, and these calls have no output.
        case openToolCalls([ToolCall])
        /// These outputs belong to no open call.
        case unknownCalls([ToolCall.ID])
        /// The last call failed, and no other one was started.
        case failed
        /// The turn is being committed or has ended.
        case ended
    }

    private enum State {
        /// No call was made since the turn began or since tools gave their outputs. Next: `calling`, `ended`.
        case open(Draft)
        /// A call was made and its answer is not whole. Next: `answered`, `failed`, `ended`.
        case calling(Draft, Crossing)
        /// The last call was answered; these tool calls are open. Next: `open` when the last of them is answered,
        /// `committing` when there is none, `ended`.
        case answered(Draft, [ToolCall])
        /// The last call failed; nothing of it is in the draft but its crossing. Next: `calling`, which is a retry, another
        /// route or a smaller request, and has a crossing of its own; `ended`.
        case failed(Draft)
        /// The batch is with the store. Next: `ended`, whichever way.
        case committing(Draft)
        /// Over.
        case ended
    }

    private var state: State

    init(draft: Draft) {
        self.state = .open(draft)
    }

    /// What the turn would add so far.
    var draft: Draft? {
        switch state {
        case .open(let draft), .calling(let draft, _), .answered(let draft, _), .failed(let draft),
            .committing(let draft):
            draft
        case .ended: nil
        }
    }

    /// `true` if a call is due, so that an answer may begin without a word.
    ///
    /// After a failed call it may not: what comes could be the rest of the failed answer.
    var awaitsCall: Bool { if case .open = state { true } else { false } }

    /// The part of the draft that can be committed although the turn did not end; `nil` if no call was answered.
    var kept: Draft? {
        switch state {
        case .open(let draft), .calling(let draft, _), .failed(let draft): draft.kept(interrupting: [])
        case .answered(let draft, let calls): draft.kept(interrupting: calls)
        case .committing, .ended: nil
        }
    }

    /// Whether a call is under way.
    var isCalling: Bool { if case .calling = state { true } else { false } }

    /// What the turn waits for, between two inputs.
    var restingStage: Stage {
        switch state {
        case .open: .project
        case .calling, .failed: .stream
        case .answered(_, let calls): calls.isEmpty ? .stream : .tools
        case .committing, .ended: .storeCommit
        }
    }

    /// How many calls were made.
    var callCount: Int {
        switch state {
        case .calling(let draft, _): draft.crossings.count + 1
        case .open(let draft), .answered(let draft, _), .failed(let draft), .committing(let draft):
            draft.crossings.count
        case .ended: 0
        }
    }

    /// A request crossed the line.
    mutating func callStarted(_ crossing: Crossing) -> Misuse? {
        switch state {
        case .open(let draft), .failed(let draft):
            state = .calling(draft, crossing)
            return nil
        case .answered, .calling, .committing, .ended: return refusalOfCall
        }
    }

    /// The reason why no call may be made now.
    var refusalOfCall: Misuse? {
        switch state {
        case .open, .failed: nil
        case .answered(_, let calls): calls.isEmpty ? .alreadyAnswered : .openToolCalls(calls)
        case .calling, .committing, .ended: misuse
        }
    }

    /// The reason why no answer can be taken now.
    var refusalOfAnswer: Misuse? {
        switch state {
        case .calling: nil
        case .answered(_, let calls) where calls.isEmpty: .alreadyAnswered
        case .open, .answered, .failed, .committing, .ended: misuse ?? .noCallUnderWay
        }
    }

    /// The call brought a whole answer.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - finish: Completes the crossing's figures.
    /// - Returns: Why it cannot be now, or `nil`.
    mutating func answered(_ answer: Answer, finish: (inout Crossing) -> Void) -> Misuse? {
        switch state {
        case .calling(var draft, var crossing):
            finish(&crossing)
            crossing.outcome = .answered(answer.finishReason)
            draft.crossings.append(crossing)
            draft.entries += answer.entries
            state = .answered(draft, answer.toolCalls)
            return nil
        case .open, .answered, .failed, .committing, .ended: return refusalOfAnswer
        }
    }

    /// The call brought no answer.
    mutating func callFailed(_ outcome: Crossing.Outcome, finish: (inout Crossing) -> Void) {
        switch state {
        case .calling(var draft, var crossing):
            finish(&crossing)
            crossing.outcome = outcome
            draft.crossings.append(crossing)
            state = .failed(draft)
        case .open, .answered, .failed, .committing, .ended: break
        }
    }

    /// Tools gave outputs.
    ///
    /// Once each open call has one, the next call may be made.
    mutating func toolsReturned(_ outputs: [ToolOutput]) -> Misuse? {
        switch state {
        case .answered(var draft, var calls):
            var unknown: [ToolCall.ID] = []
            for output in outputs {
                if let index = calls.firstIndex(where: { $0.id == output.callID }) {
                    calls.remove(at: index)
                } else {
                    unknown.append(output.callID)
                }
            }
            guard unknown.isEmpty else { return .unknownCalls(unknown) }
            draft.entries += outputs.map { Entry(.toolOutput($0)) }
            state = calls.isEmpty && !outputs.isEmpty ? .open(draft) : .answered(draft, calls)
            return nil
        case .open, .calling, .failed, .committing, .ended: return misuse ?? .noCallUnderWay
        }
    }

    /// The turn is to be committed.
    ///
    /// - Returns: What to append, or why the turn cannot be committed; it can still go on then.
    mutating func commitStarted() -> Result<Draft, Misuse> {
        switch state {
        case .answered(let draft, let calls) where calls.isEmpty:
            state = .committing(draft)
            return .success(draft)
        case .answered(_, let calls): return .failure(.openToolCalls(calls))
        case .open: return .failure(.noCallUnderWay)
        case .calling, .failed, .committing, .ended: return .failure(misuse ?? .ended)
        }
    }

    /// The store has the batch.
    mutating func committed() {
        guard case .committing = state else { return }
        state = .ended
    }

    /// The store does not have the batch: the draft goes back to the caller.
    ///
    /// - Parameter isKnown: Whether it is certain that the batch was not committed. If not, its calls stay in the draft:
    ///   recording them apart could record them twice.
    /// - Returns: What the session is owed.
    mutating func commitFailed(isKnown: Bool) -> Settlement {
        guard case .committing(let draft) = state else { return .nothing }
        state = .ended
        return isKnown ? Self.settlement(of: draft.crossings) : .nothing
    }

    /// The turn ends without a commit.
    ///
    /// - Parameters:
    ///   - outcome: What becomes of a call that is under way.
    ///   - finish: Completes the crossing's figures.
    /// - Returns: What the session is owed.
    mutating func abandoned(_ outcome: Crossing.Outcome, finish: (inout Crossing) -> Void) -> Settlement {
        callFailed(outcome, finish: finish)
        switch state {
        case .open(let draft), .answered(let draft, _), .failed(let draft):
            state = .ended
            return Self.settlement(of: draft.crossings)
        case .calling, .committing, .ended: return .nothing
        }
    }

    private static func settlement(of crossings: [Crossing]) -> Settlement {
        crossings.isEmpty ? .nothing : .record(crossings)
    }

    private var misuse: Misuse? {
        switch state {
        case .open, .answered: nil
        case .calling: .callUnderWay
        case .failed: .failed
        case .committing, .ended: .ended
        }
    }
}

extension TurnStateMachine.Misuse: Error {}
