internal import Stateline

/// The decision to read a log again that is not as the script described it.
struct Rereading {
    private var incarnation: Incarnation?

    /// Records that the batches that were read do not match the tail; throws if reading again cannot help.
    ///
    /// The first time, the session may have been deleted and created again between the script and the read. A second
    /// time with the same incarnation, the log is damaged.
    ///
    /// - Throws: `StoreError` if the log is damaged or unreadable.
    mutating func doesNotFit(_ tail: LogTail, _ reader: ChainReader) throws(StoreError) {
        guard incarnation != tail.position.incarnation, tail.batches == nil else {
            let revision = reader.position.revision.next
            if let error = reader.unreadable { throw StoreError.unreadableLog(at: revision, error) }
            throw StoreError.corruptLog(at: revision)
        }
        incarnation = tail.position.incarnation
    }
}
