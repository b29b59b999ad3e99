/// The reason why stored batches are not the log that follows a position.
package enum LogError: Error, Hashable, Sendable {
    /// The batch of this revision does not follow the one before it, or its head claims what the log does not hold.
    case corrupt(Revision)
    /// A newer writer made a batch, and this library cannot read it. Nothing is damaged.
    case unreadable(FormatError)
    /// The content of the batch of this revision was not opened.
    case sealed(Revision, SealError)

    /// Classifies the failure to decode the batch of a revision.
    init(_ error: FormatError, at revision: Revision) {
        switch error {
        case .unknownVersion, .unsupported: self = .unreadable(error)
        case .malformed: self = .corrupt(revision)
        case .sealed(let id): self = .sealed(revision, .keyRequired(id: id))
        }
    }
}
