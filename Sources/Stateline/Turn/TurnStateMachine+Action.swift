extension TurnStateMachine {
    /// The next thing to do for a turn.
    enum Action: Equatable {
        /// Make a call.
        case startCall
        /// Receive more of the answer, or its end.
        case receiveAnswer
        /// Run these tools.
        case runTools([ToolCall])
        /// Commit the draft.
        case commit
        /// The last call failed: start another one, or abandon the turn.
        case retryOrAbandon
        /// Nothing: the turn is being committed, or has ended.
        case nothing
    }

    /// The reason why a step is not possible now: a bug of the caller's, returned as a value because foreign runtimes have
    /// such bugs.
    enum Misuse: Equatable {
        /// A call is under way, and its answer is not whole.
        case callUnderWay
        /// No call is under way.
        case noCallUnderWay
        /// The last call was answered, and the model asks for no tools: the turn is complete.
        case alreadyAnswered
        /// The model asks for tools, and these calls have no output.
        case openToolCalls([ToolCall])
        /// These outputs belong to no open call.
        case unknownCalls([ToolCall.ID])
        /// The last call failed, and no other one was started.
        case failed
        /// The turn is being committed or has ended.
        case ended
    }

    /// The reason why an input brought nothing.
    enum Failure: Error, Equatable {
        /// It was not due; the turn is as it was.
        case misuse(Misuse)
        /// The call failed by it.
        case model(ModelError)
    }
}

extension TurnStateMachine.Misuse: Error {}
