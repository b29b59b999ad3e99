internal import Stateline

/// The log of one session, and the one place where positions are compared.
struct SessionLog {
    /// The position before the first batch.
    private let origin: Position
    private var batches: PersistentList<EncodedBatch>

    /// Begins a log.
    init(origin: Position, first: EncodedBatch) {
        self.origin = origin
        self.batches = PersistentList(CollectionOfOne(first))
    }

    private init(origin: Position, batches: PersistentList<EncodedBatch>) {
        self.origin = origin
        self.batches = batches
    }

    /// Where the log stands.
    var position: Position { batches.last?.position ?? origin }

    /// Whether the log stands or once stood at a position.
    func contains(_ position: Position) -> Bool {
        guard position.revision > 0 else { return position == origin }
        guard let index = Int(exactly: position.revision.rawValue - 1), index < batches.count else { return false }
        return batches[index].position == position
    }

    func load(after position: Position?) -> LoadResult {
        guard let position else { return .tail(Array(batches)) }
        guard contains(position) else { return .regressed }
        return position == self.position ? .current : .tail(batches(after: position))
    }

    mutating func append(_ batch: EncodedBatch, expecting position: Position) -> AppendResult {
        guard contains(position) else { return .regressed }
        if position == self.position {
            batches.append(batch)
            return .committed
        }
        return contains(batch.position) ? .duplicate : .stale(missing: batches(after: position))
    }

    /// A log that shares this one's batches up to a position; `nil` where no batch of this log stands there.
    ///
    /// - Complexity: O(log *n*).
    func forked(at position: Position, first: EncodedBatch) -> SessionLog? {
        guard position.revision > 0, contains(position) else { return nil }
        var shared = batches
        shared.truncate(to: Int(position.revision.rawValue))
        shared.append(first)
        return SessionLog(origin: origin, batches: shared)
    }

    /// The batches after a position of this log.
    private func batches(after position: Position) -> [EncodedBatch] {
        Array(batches[Int(position.revision.rawValue)...])
    }
}
