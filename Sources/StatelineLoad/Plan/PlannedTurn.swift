/// A turn of a session, as drawn or traced before the run.
///
/// Tokens count from the beginning of the session's history: a request carries its first ``requestTokens``, which
/// include the kept answers.
public struct PlannedTurn: Hashable, Sendable {
    /// The planned beginning of a turn.
    public enum Start: Hashable, Sendable {
        /// A time after the end of the session's previous turn; for the first turn, after the session arrives.
        case after(Duration)
        /// A time after the beginning of the run. If the previous turn has not ended by then the turn waits, and the
        /// wait counts as latency.
        case at(Duration)
    }

    /// A way to take a history back to the common prefix of two requests.
    public enum Rewrite: Hashable, Sendable {
        /// `ModelSession.rewind(to:)`.
        case rewind
        /// `ModelSession.fork(at:as:)`; the session continues in the fork.
        case fork
    }

    /// Tokens of the whole request.
    public var requestTokens: Int
    /// The rewrite before the turn; `nil` if the previous request is a prefix of this one.
    public var rewrite: Rewrite?
    /// The tokens that this request has in common with the previous one; used with a ``rewrite``.
    public var commonTokens = 0
    /// The common tokens by a trace's count, in whole blocks; `nil` without a trace.
    public var tracedCommonTokens: Int?
    /// Tokens of the answer, as the provider counts them.
    public var answerTokens: Int
    /// The tokens of the answer that stay in the history; the others were reasoning.
    public var keptTokens: Int
    /// The model's time.
    public var modelTime = Duration.zero
    /// The planned beginning.
    public var start = Start.after(.zero)
    /// The number of tools that the model calls, one after the other, before it answers; each takes another model call.
    public var toolCalls = 0

    /// Makes a turn.
    public init(requestTokens: Int, answerTokens: Int, keptTokens: Int) {
        self.requestTokens = requestTokens
        self.answerTokens = answerTokens
        self.keptTokens = keptTokens
    }
}
