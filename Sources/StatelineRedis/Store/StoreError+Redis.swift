internal import Stateline

extension StoreError {
    /// Makes the error for a damaged log.
    static func corruptLog(at revision: Revision) -> StoreError {
        StoreError(.corrupt, committed: .no, message: "the session's log is corrupt at revision \(revision)")
    }

    /// Makes the error for a batch of a newer version.
    static func unreadableLog(at revision: Revision, _ error: FormatError) -> StoreError {
        StoreError(
            .unreadable(error),
            committed: .no,
            message: "the batch of revision \(revision) cannot be read: \(error)"
        )
    }

    /// Makes a store's error of a client's.
    ///
    /// - Parameters:
    ///   - error: The client's error.
    ///   - maybeCommitted: `true` if the operation may have taken effect.
    init(_ error: RedisError, maybeCommitted: Bool) {
        let reason: Reason =
            switch error.reason {
            case .refused(code: "OOM"), .refused(code: "TOOLARGE"): .full
            case .refused(code: "WRONGTYPE"), .refused(code: "CORRUPT"): .corrupt
            case .denied, .untrusted: .denied
            default: .unavailable
            }
        self.init(reason, committed: maybeCommitted ? .unknown : .no, message: error.message)
    }
}
