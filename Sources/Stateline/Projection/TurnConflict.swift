/// The reason why a turn could not continue in this process.
@nonexhaustive
public enum TurnLoss: Hashable, Sendable {
    /// Another turn took its place.
    case superseded(by: TurnID)
    /// Another process, or another handle, continues it.
    case taken
    /// It was ended by another process: its lease had run out.
    case ended
}

/// An open turn that another one met.
public struct OpenTurnConflict: Hashable, Sendable {
    /// The open turn, or the first that waits.
    public let turn: TurnID
    /// The process that holds it.
    public let holder: TurnHolder
    /// The time of its beginning, by its holder's clock; `nil` for a turn that waits in the queue.
    public let since: Timestamp?
    /// The time after which it can be taken over if it shows no sign of life, at most its term.
    public let retryAfter: Duration
    /// `true` if it waits for actions from outside; see ``ModelSession/resume(answering:options:)``.
    public let isWaiting: Bool
}

/// An action that a turn waits for: the tool call, and the kind of answer.
public struct RequiredAction: Hashable, Sendable, Codable {
    /// The kind of the action.
    public let kind: TurnRecord.Action.Kind
    /// The tool call.
    public let call: ToolCall

    /// Makes an action.
    public init(_ kind: TurnRecord.Action.Kind, call: ToolCall) {
        self.kind = kind
        self.call = call
    }
}
