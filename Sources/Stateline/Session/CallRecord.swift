/// Calls that the ledger lacks, or may lack because the batch that holds them had an unknown outcome.
///
/// Every batch of the turn holds all of these calls, and a batch is appended only by a writer that has seen all batches
/// before it. So each call is recorded once, whether the first batch was committed or not: two batches for the same
/// revision exclude each other, and the writer of the later one is told which batch was committed.
struct CallRecord: Sendable {
    /// The session.
    let key: SessionKey
    /// The turn whose batch holds the calls; a new one if no batch does.
    let turn: TurnID
    /// The end of the log before such a batch; the log up to there does not hold it.
    var base: LogEnd
    /// The head whose view the newest of the calls carried.
    let sent: Head
    /// The calls, in the order in which they were made.
    let crossings: [Crossing]

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - turn: The turn whose batch holds the calls.
    ///   - base: The end of the log before such a batch.
    ///   - sent: The head whose view the newest of the calls carried; `nil` if it is `base`.
    ///   - crossings: The calls.
    init(key: SessionKey, turn: TurnID, base: LogEnd, sent: Head? = nil, crossings: [Crossing]) {
        self.key = key
        self.turn = turn
        self.base = base
        self.sent = sent ?? base.head
        self.crossings = crossings
    }

    /// Returns the record of the oldest `count` calls.
    func keeping(_ count: Int) -> CallRecord {
        CallRecord(key: key, turn: turn, base: base, sent: sent, crossings: Array(crossings.prefix(count)))
    }
}

extension LogEnd {
    /// Encodes a batch that records calls at this end.
    ///
    /// If other writers changed the view or recorded calls since the calls were made, the new head carries over what this
    /// one says of the newest request: the view that these calls carried may not be a prefix of the present one.
    func recording(_ record: CallRecord, created: Timestamp) -> EncodedBatch {
        var batch = Batch(.crossings, turn: record.turn, created: created)
        batch.crossings = record.crossings
        var next = head
        next.position = Position(
            incarnation: position.incarnation,
            revision: position.revision.next,
            digest: position.digest
        )
        next.totals = head.totals.adding(batch)
        if !record.crossings.isEmpty, head.hasSameView(as: record.sent) {
            next.view.sentEntries = head.view.entries
            next.view.sentTokens = 0
            next.view.sentTools = record.sent.view.sentTools
        }
        return EncodedBatch(batch, head: next, after: position, cipher: cipher?.sealing(next.revision))
    }

    /// Returns the end of the log with some batches, and checks that they are the log that follows.
    ///
    /// - Throws: ``LogError``.
    func following(_ batches: [EncodedBatch]) throws(LogError) -> LogEnd {
        let cipher = try cipher?.following(batches, after: position)
        var head = head
        for batch in batches {
            let isNext: Bool
            do throws(FormatError) { isNext = try batch.follows(head.position) } catch {
                throw LogError(error, at: batch.position.revision)
            }
            guard isNext else { throw .corrupt(batch.position.revision) }
            let next = try batch.opened(by: cipher, after: head.position)
            guard head.accepts(next.head, of: next.batch) else { throw .corrupt(batch.position.revision) }
            head = next.head
        }
        return LogEnd(head: head, cipher: cipher)
    }
}

extension Head {

    /// Returns `true` if no entry, call or view was appended between two heads of one log.
    fileprivate func hasSameView(as other: Head) -> Bool {
        totals.entries == other.totals.entries
            && totals.crossings == other.totals.crossings
            && view.revision == other.view.revision
    }

    /// Returns `true` if a batch and its head can follow this head.
    ///
    /// The checks are those of ``Snapshot/accepts(_:of:view:)``, as far as heads allow: they do not hold the number of
    /// entries of an earlier view.
    fileprivate func accepts(_ claimed: Head, of batch: Batch) -> Bool {
        guard claimed.totals == totals.adding(batch) else { return false }
        guard claimed.view.sentEntries <= claimed.view.entries else { return false }
        guard claimed.position.incarnation == position.incarnation, batch.parent == nil else { return false }
        guard let changed = batch.view else {
            let added = batch.entries.count
            // The head does not hold the number of the open turn's entries.
            if batch.record?.bringsEntries == true {
                return claimed.view.revision == claimed.revision && openTurn != nil
                    && (view.entries + added...max(claimed.totals.entries, view.entries + added))
                        .contains(claimed.view.entries)
            }
            return claimed.view.revision == view.revision
                && claimed.view.entries == view.entries + (batch.holdsEntries ? 0 : added)
        }
        guard changed.base <= revision, changed.kept <= (changed.base == 0 ? 0 : totals.entries) else { return false }
        var count = changed.kept
        for range in changed.ranges {
            guard range.upperBound <= claimed.totals.entries, count <= claimed.totals.entries else { return false }
            count += range.count
        }
        return claimed.view.revision == claimed.revision
            && claimed.view.entries == count
            && count <= claimed.totals.entries
    }
}
