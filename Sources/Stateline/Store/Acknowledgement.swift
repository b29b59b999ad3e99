/// How far a commit has to get before a store acknowledges it.
///
/// What was acknowledged at a weaker level may be lost when a server fails, and is detected then: the log is regressed.
public enum Acknowledgement: Hashable, Sendable {
    /// The store of record has it.
    case primary
    /// The store of record has it, and waits until so many replicas have it too, or until the time is over.
    ///
    /// A commit stands also where fewer replicas were reached; how many were is ``Acknowledged/replicas(_:)``.
    case replicas(Int, timeout: Duration)
}

/// How far a commit had got when it was acknowledged.
public enum Acknowledged: Hashable, Sendable {
    /// It is in this process, and ends with it.
    case memory
    /// The store of record has it.
    case primary
    /// The store of record has it, and so many replicas, which may be none.
    case replicas(Int)
}
