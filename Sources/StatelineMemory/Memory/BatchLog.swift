internal import NIOCore
internal import Stateline

/// The log of one session at one moment, and the one place where positions are compared.
///
/// A value: an append makes another log, which shares this one's batches.
struct BatchLog: Sendable {
    private struct Element: Sendable {
        let batch: EncodedBatch
        /// The bytes that the log counts for, up to this batch and with it.
        let end: Int
    }

    /// The decision on a batch.
    enum AppendDecision {
        /// The batch is the next one.
        case accept
        /// The batch is not appended; this is the answer.
        case refuse(AppendResult)
    }

    /// The position before the first batch.
    private let origin: Position
    private var batches: PersistentList<Element>

    /// Begins a log.
    init(origin: Position, first: EncodedBatch) {
        self.origin = origin
        self.batches = PersistentList(CollectionOfOne(Element(batch: first, end: Self.charge(first))))
    }

    private init(origin: Position, batches: PersistentList<Element>) {
        self.origin = origin
        self.batches = batches
    }

    /// Returns the bytes that a batch counts for.
    static func charge(_ batch: EncodedBatch) -> Int { Charge.batch(batch.bytes.readableBytes) }

    /// The position of the log.
    var position: Position { batches.last?.batch.position ?? origin }
    /// The newest batch.
    var newest: EncodedBatch? { batches.last?.batch }
    /// The bytes that its batches count for.
    var byteCount: Int { batches.last?.end ?? 0 }

    /// Returns `true` if the log is or once was at a position.
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

    /// Decides on a batch that is to follow a position.
    func decision(on batch: EncodedBatch, expecting position: Position) -> AppendDecision {
        guard contains(position) else { return .refuse(.regressed) }
        if position == self.position {
            return batch.position.incarnation == position.incarnation ? .accept : .refuse(.regressed)
        }
        return .refuse(contains(batch.position) ? .duplicate(.memory) : .stale(missing: batches(after: position)))
    }

    /// Returns the log with one more batch, which was accepted.
    ///
    /// - Complexity: O(log *n*).
    func appending(_ batch: EncodedBatch) -> BatchLog {
        var longer = batches
        longer.append(Element(batch: batch, end: byteCount + Self.charge(batch)))
        return BatchLog(origin: origin, batches: longer)
    }

    /// Returns this log up to a position; `nil` if no batch of it stands there.
    ///
    /// - Complexity: O(log *n*).
    func upTo(_ position: Position) -> BatchLog? {
        guard position.revision > 0, contains(position) else { return nil }
        var shared = batches
        shared.truncate(to: Int(position.revision.rawValue))
        return BatchLog(origin: origin, batches: shared)
    }

    /// Returns the batches after a position of this log.
    private func batches(after position: Position) -> [EncodedBatch] {
        batches[Int(position.revision.rawValue)...].map(\.batch)
    }
}
