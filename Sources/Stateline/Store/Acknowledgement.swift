/// The durability that a commit needs before a store acknowledges it.
///
/// A commit that was acknowledged at a weaker level may be lost when a server fails. The loss is detected: the log is
/// regressed.
public enum Acknowledgement: Hashable, Sendable {
    /// The store of record has the commit.
    case primary
    /// The store of record has the commit, and waits until n replicas have it too, or until the timeout.
    ///
    /// The commit stands if fewer replicas have it; ``Acknowledged/replicas(_:)`` is their number.
    case replicas(Int, timeout: Duration)
}

/// The durability of a commit when it was acknowledged.
@nonexhaustive
public enum Acknowledged: Hashable, Sendable {
    /// The commit is in this process, and ends with it.
    case memory
    /// The store of record has the commit.
    case primary
    /// The store of record has the commit, and so have n replicas, which may be none.
    case replicas(Int)
}
