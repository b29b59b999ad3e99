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
    /// The calls, in the order in which they were made.
    let crossings: [Crossing]
}

extension Head {
    /// Encodes a batch that records calls after this head.
    func recording(_ calls: DoubtfulCalls, created: Timestamp) -> EncodedBatch {
        var batch = Batch(.crossings, turn: calls.turn, created: created)
        batch.crossings = calls.crossings
        var head = self
        head.position = Position(
            incarnation: position.incarnation,
            revision: position.revision.next,
            digest: position.digest
        )
        for crossing in batch.crossings { head.totals.add(crossing) }
        head.view.sentEntries = head.view.entries
        head.view.sentTokens = 0
        return EncodedBatch(batch, head: head, after: position)
    }

    /// Returns the head of the newest of some batches, and checks that they are the log that follows.
    ///
    /// - Throws: ``SessionError``: corruptLog or unreadableLog.
    func following(_ batches: [EncodedBatch], of key: SessionKey) throws(SessionError) -> Head {
        var head = self
        for batch in batches {
            let follows: Bool
            let next: Head
            do throws(FormatError) {
                follows = try batch.follows(head.position)
                next = try batch.decoded().head
            } catch {
                throw .unreadableLog(key, error)
            }
            guard follows else { throw .corruptLog(key, batch.position.revision) }
            head = next
        }
        return head
    }
}
