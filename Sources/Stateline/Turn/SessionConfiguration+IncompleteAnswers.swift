extension SessionConfiguration {
    /// The treatment of an answer that breaks off after some of its text has come.
    ///
    /// An answer breaks off if its connection is reset or closed, if the next piece does not come in time, if the
    /// provider reports an error in its midst, or if its bytes are not what the dialect allows. An answer whose content
    /// had ended is whole, whatever its connection does afterwards. The answer of a cancelled task is not kept: its
    /// caller does not want it.
    public enum IncompleteAnswerPolicy: Hashable, Sendable {
        /// End the turn with ``SessionError/model(_:draft:)``; nothing of the answer is in the session.
        case discard
        /// Commit the turn with the text so far.
        ///
        /// The response has the reason ``FinishReason/incomplete``, and the ledger the outcome
        /// ``Crossing/Outcome/incomplete(_:)``. Tool calls of the answer are not kept and not run. An answer without any
        /// text fails as with ``discard``.
        case keepIncomplete
    }
}
