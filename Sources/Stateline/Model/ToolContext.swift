/// The surroundings of a tool's call.
public struct ToolContext: Sendable {
    /// The session.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// The call's id.
    ///
    /// It is unique within the turn, so that session, turn and call identify the call.
    public let call: ToolCall.ID
    /// The user or service in whose name the session is used; ``SessionConfiguration/principal``.
    public let principal: Principal?
    /// The permissions of the session; ``SessionConfiguration/permissions``.
    public let permissions: Set<Permission>
    /// The session's values: reads see what the turn has changed, and changes are committed with the turn.
    public let state: TurnValues
    /// Texts of the application, such as a request id; ``SessionConfiguration/attributes``.
    public let attributes: [String: String]

    /// Makes a context.
    ///
    /// Turns make contexts; a test of a tool makes its own.
    public init(
        session: SessionKey,
        turn: TurnID,
        call: ToolCall.ID,
        principal: Principal? = nil,
        permissions: Set<Permission> = [],
        state: TurnValues = TurnValues(),
        attributes: [String: String] = [:]
    ) {
        self.session = session
        self.turn = turn
        self.call = call
        self.principal = principal
        self.permissions = permissions
        self.state = state
        self.attributes = attributes
    }

    /// `true` if the output is not wanted any more: the turn was cancelled, or the call took too long.
    ///
    /// It is the state of the current task.
    public var isCancelled: Bool { Task.isCancelled }
}
