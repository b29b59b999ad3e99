/// The reason why stored batches are not the log that follows a position.
package enum LogError: Error, Hashable, Sendable {
    /// The batch of this revision does not follow the one before it, or its head claims what the log does not hold.
    case corrupt(Revision)
    /// A newer writer made a batch, and this library cannot read it. Nothing is damaged.
    case unreadable(FormatError)

    /// Classifies the failure to decode the batch of a revision.
    init(_ error: FormatError, at revision: Revision) {
        self = error.isNewer ? .unreadable(error) : .corrupt(revision)
    }
}
