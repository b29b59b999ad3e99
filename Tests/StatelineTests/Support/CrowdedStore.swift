import Stateline
import StatelineTesting
import Synchronization

/// A store in which another writer records a call just before each of some appends.
final class CrowdedStore: ForwardingStore {
    let base: any SessionStore
    private struct Crowd {
        var writer: LogWriter
        var left: Int
    }

    private let crowd = Mutex<Crowd?>(nil)
    private let appends = Mutex(0)
    private let step: @Sendable () -> Void

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - store: The store beneath.
    ///   - step: Called after each record of the other writer.
    init(_ store: any SessionStore, step: @escaping @Sendable () -> Void) {
        self.base = store
        self.step = step
    }

    /// The number of appends that were outrun.
    var count: Int { appends.withLock { $0 } }

    /// Outruns the next appends to a session.
    func outrun(_ count: Int, _ key: SessionKey, _ incarnation: Incarnation) {
        crowd.withLock { $0 = Crowd(writer: LogWriter(key, incarnation: incarnation), left: count) }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        guard var next = crowd.withLock({ $0 }), next.left > 0 else {
            return try await base.append(batch, to: key, expecting: position)
        }
        if case .tail(let batches) = try await base.load(key, after: nil) {
            let known = next.writer.position.revision
            try? next.writer.follow(batches.filter { $0.position.revision > known })
        }
        let expected = next.writer.position
        let record = next.writer.append(Batch(.crossings, turn: .random(), created: .now()))
        _ = try await base.append(record, to: key, expecting: expected)
        next.left -= 1
        crowd.withLock { $0 = next }
        appends.withLock { $0 += 1 }
        step()
        return try await base.append(batch, to: key, expecting: position)
    }
}
