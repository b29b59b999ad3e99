/// The order of turns of one session that begin at the same time in one process.
///
/// It concerns turns on different handles. A handle has one turn at a time, and refuses a second one with
/// ``SessionError/concurrentRequests``. Turns of other processes are never waited for: their commits are compared.
public enum TurnConcurrency: Hashable, Sendable {
    /// Turns run at the same time. Each pays for its calls; the first to commit is in the session, and the others fail with
    /// ``SessionError/notCommitted(_:)`` and their drafts.
    case optimistic
    /// Turns of a session form a queue: each begins when the one before it has ended. At most `limit` turns of a session
    /// wait; one more is refused with ``SessionError/tooManyWaitingTurns(_:limit:)``, before it pays for
    /// a call. A turn whose task is cancelled leaves the queue. A turn that begins takes in what the turns before it
    /// committed.
    ///
    /// A rewind and the commit of a draft wait in the same queue, as turns do.
    ///
    /// A turn that is checked out holds the others back until it is committed, abandoned or dropped. A tool must not
    /// ask for another turn of its own session, rewind it or commit a draft to it: through another handle it would wait
    /// for the turn that waits for it. Through the turn's own handle it is refused.
    case enqueue(limit: Int)
}
