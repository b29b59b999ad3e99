internal import NIOCore
internal import Stateline

/// The log of one session as it is at one moment, and the one place where positions are compared.
///
/// A value: what is appended makes another log, which shares this one's batches.
struct SessionLog: Sendable {
    private struct Kept: Sendable {
        let batch: EncodedBatch
        /// What the log counts for up to this batch and with it.
        let end: Int
    }

    /// What to do with a batch.
    enum Verdict {
        /// It is the next one.
        case fits
        /// It is not appended; this is the answer.
        case refused(AppendResult)
    }

    /// The position before the first batch.
    private let origin: Position
    private var batches: PersistentList<Kept>

    /// Begins a log.
    init(origin: Position, first: EncodedBatch) {
        self.origin = origin
        self.batches = PersistentList(CollectionOfOne(Kept(batch: first, end: Self.charge(first))))
    }

    private init(origin: Position, batches: PersistentList<Kept>) {
        self.origin = origin
        self.batches = batches
    }

    /// What a batch counts for, in bytes.
    static func charge(_ batch: EncodedBatch) -> Int { Charge.batch(batch.bytes.readableBytes) }

    /// Where the log stands.
    var position: Position { batches.last?.batch.position ?? origin }
    /// What its batches count for, in bytes.
    var byteCount: Int { batches.last?.end ?? 0 }

    /// Whether the log stands or once stood at a position.
    func contains(_ position: Position) -> Bool {
        guard position.revision > 0 else { return position == origin }
        guard let index = Int(exactly: position.revision.rawValue - 1), index < batches.count else { return false }
        return batches[index].batch.position == position
    }

    func load(after position: Position?) -> LoadResult {
        guard let position else { return .tail(batches.map(\.batch)) }
        guard contains(position) else { return .regressed }
        return position == self.position ? .current : .tail(batches(after: position))
    }

    /// Judges a batch that is to follow a position.
    func verdict(on batch: EncodedBatch, expecting position: Position) -> Verdict {
        guard contains(position) else { return .refused(.regressed) }
        if position == self.position {
            return batch.position.incarnation == position.incarnation ? .fits : .refused(.regressed)
        }
        return .refused(contains(batch.position) ? .duplicate(.memory) : .stale(missing: batches(after: position)))
    }

    /// The log with one more batch, which fits.
    ///
    /// - Complexity: O(log *n*).
    func appending(_ batch: EncodedBatch) -> SessionLog {
        var longer = batches
        longer.append(Kept(batch: batch, end: byteCount + Self.charge(batch)))
        return SessionLog(origin: origin, batches: longer)
    }

    /// This log up to a position; `nil` where no batch of it stands there.
    ///
    /// - Complexity: O(log *n*).
    func upTo(_ position: Position) -> SessionLog? {
        guard position.revision > 0, contains(position) else { return nil }
        var shared = batches
        shared.truncate(to: Int(position.revision.rawValue))
        return SessionLog(origin: origin, batches: shared)
    }

    /// The batches after a position of this log.
    private func batches(after position: Position) -> [EncodedBatch] {
        batches[Int(position.revision.rawValue)...].map(\.batch)
    }
}
