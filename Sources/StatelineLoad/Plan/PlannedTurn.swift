/// One call of a session, as it was drawn or traced before the run.
///
/// Tokens are counted from the beginning of the session's history: a request carries the first ``requestTokens`` of it, of
/// which the answers that were kept are a part.
public struct PlannedTurn: Hashable, Sendable {
    /// When a turn is to begin.
    public enum Start: Hashable, Sendable {
        /// A time after the session's turn before it has ended; for the first turn, after the session arrives.
        case after(Duration)
        /// A time after the run began, also where the turn before it has not ended by then: it waits, and that counts.
        case at(Duration)
    }

    /// How a history is taken back to what two requests have in common.
    public enum Rewrite: Hashable, Sendable {
        /// `ModelSession.rewind(to:)`.
        case rewind
        /// `ModelSession.fork(at:as:)`; the session goes on in the fork.
        case fork
    }

    /// Tokens of the whole request.
    public var requestTokens: Int
    /// How the history is taken back first; `nil` where the request before is a prefix of this one.
    public var rewrite: Rewrite?
    /// Tokens that this request has in common with the one before; of use where there is a ``rewrite``.
    public var commonTokens = 0
    /// The same as a trace counts it, in whole blocks; `nil` where there is no trace to say so.
    public var tracedCommonTokens: Int?
    /// Tokens of the answer, as the provider counts them.
    public var answerTokens: Int
    /// How many of them stay in the history: the others were thought and not said.
    public var keptTokens: Int
    /// How long the model takes.
    public var modelTime = Duration.zero
    /// When it begins.
    public var start = Start.after(.zero)
    /// How many tools the model calls, one after the other, before it answers; each takes a call more.
    public var toolCalls = 0

    /// Makes a turn.
    public init(requestTokens: Int, answerTokens: Int, keptTokens: Int) {
        self.requestTokens = requestTokens
        self.answerTokens = answerTokens
        self.keptTokens = keptTokens
    }
}
