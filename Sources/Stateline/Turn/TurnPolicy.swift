extension SessionConfiguration {
    /// The points at which a turn is written to the store.
    public enum Durability: Hashable, Sendable {
        /// Once, with its last answer: one batch and one round trip. A turn whose process dies leaves nothing.
        case turn
        /// Step by step: its input, each answer of the model, each output of a tool, and its end.
        ///
        /// A turn whose process dies is continued by ``ModelSession/resume(answering:options:)``, in any process.
        case step
    }

    /// The treatment of a turn that begins while another one of the session is open or waits in its queue, in this
    /// process or in another.
    ///
    /// Turns of other processes are seen only if they are open in the log: those with ``Durability/step``, with a policy
    /// other than ``optimistic``, or with an idempotency key.
    public enum TurnPolicy: Hashable, Sendable {
        /// Write nothing before the commit. Of turns that begin together, the first to commit is in the session, the
        /// others fail with their drafts. A turn that finds another one open is refused with
        /// ``SessionError/turnIsOpen(_:_:)``.
        case optimistic
        /// Refuse the turn with ``SessionError/turnIsOpen(_:_:)``, which says who has the session and when to try again.
        case reject
        /// Wait until all turns that came before have ended; refuse the turn with
        /// ``SessionError/tooManyWaitingTurns(_:limit:)`` if `limit` turns wait.
        case enqueue(limit: Int)
        /// End the open turn: it fails with ``SessionError/turnLost(_:draft:)`` at its next step or renewal.
        case supersede
        /// Run the turn in a fork of the session; ``Response/session`` names it.
        case branch
        /// Give the prompt to the open turn, which takes it in before its next call. The response is that of the open
        /// turn, and ``Response/turn`` names it.
        case steer
    }

    /// The treatment of a turn that cannot be committed because another writer committed first.
    public enum StaleCommitPolicy: Hashable, Sendable {
        /// Fail with ``SessionError/notCommitted(_:)``, which has the draft.
        case refuse
        /// Commit the turn after the newer entries, which its answer does not know.
        case merge
    }
}
