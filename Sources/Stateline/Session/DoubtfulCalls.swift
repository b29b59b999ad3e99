/// Calls that the ledger lacks, or may lack because the batch that was to hold them had an unknown outcome.
///
/// Every batch of the turn holds all of these calls, and one is appended only by a writer that has seen all batches
/// before it. So each call is recorded once, whether the first one got in or not: two for the same place exclude each
/// other, and the one that comes too late learns what has its place.
struct DoubtfulCalls: Sendable {
    /// The session.
    let key: SessionKey
    /// The turn whose batch holds the calls, if any does.
    let turn: TurnID
    /// The head before such a batch; it is not in the log up to there.
    var base: Head
    /// The head whose view the newest of the calls carried.
    let sent: Head
    /// The calls, in the order in which they were made.
    let crossings: [Crossing]

    /// Makes calls.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - turn: The turn whose batch holds the calls.
    ///   - base: The head before such a batch.
    ///   - sent: The head whose view the newest of the calls carried; `nil` if it is `base`.
    ///   - crossings: The calls.
    init(key: SessionKey, turn: TurnID, base: Head, sent: Head? = nil, crossings: [Crossing]) {
        self.key = key
        self.turn = turn
        self.base = base
        self.sent = sent ?? base
        self.crossings = crossings
    }

    /// The same with the oldest calls alone.
    func keeping(_ count: Int) -> DoubtfulCalls {
        DoubtfulCalls(key: key, turn: turn, base: base, sent: sent, crossings: Array(crossings.prefix(count)))
    }
}

extension Head {
    /// Encodes a batch that records calls after this head.
    ///
    /// If other writers changed the view or recorded calls since the calls were made, the head keeps what it says of the
    /// newest request: the view that these calls carried may not begin as the one of now does.
    func recording(_ calls: DoubtfulCalls, created: Timestamp) -> EncodedBatch {
        var batch = Batch(.crossings, turn: calls.turn, created: created)
        batch.crossings = calls.crossings
        var head = self
        head.position = Position(
            incarnation: position.incarnation,
            revision: position.revision.next,
            digest: position.digest
        )
        head.totals = head.totals.adding(batch)
        if !calls.crossings.isEmpty, hasSameView(as: calls.sent) {
            head.view.sentEntries = head.view.entries
            head.view.sentTokens = 0
            head.view.sentTools = calls.sent.view.sentTools
        }
        return EncodedBatch(batch, head: head, after: position)
    }

    /// Returns `true` if no entry, call or view came between two heads of one log.
    private func hasSameView(as other: Head) -> Bool {
        totals.entries == other.totals.entries
            && totals.crossings == other.totals.crossings
            && view.revision == other.view.revision
    }

    /// Returns `true` if a batch and its head can follow this head.
    ///
    /// It checks what ``Snapshot/accepts(_:of:view:)`` does, as far as heads can tell: they do not know how many entries
    /// an earlier view has.
    private func accepts(_ claimed: Head, of batch: Batch) -> Bool {
        guard claimed.totals == totals.adding(batch) else { return false }
        guard claimed.view.sentEntries <= claimed.view.entries else { return false }
        guard claimed.position.incarnation == position.incarnation, batch.lineage.isEmpty else { return false }
        guard let changed = batch.view else {
            return claimed.view.revision == view.revision
                && claimed.view.entries == view.entries + batch.entries.count
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

    /// Returns the head of the newest of some batches, and checks that they are the log that follows.
    ///
    /// - Throws: ``LogError``.
    func following(_ batches: [EncodedBatch]) throws(LogError) -> Head {
        var head = self
        for batch in batches {
            let isNext: Bool
            let next: Head
            do throws(FormatError) {
                let decoded = try batch.decoded()
                next = decoded.head
                isNext = try batch.follows(head.position) && head.accepts(next, of: decoded.batch)
            } catch {
                throw LogError(error, at: batch.position.revision)
            }
            guard isNext else { throw .corrupt(batch.position.revision) }
            head = next
        }
        return head
    }
}
