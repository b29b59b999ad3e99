import Stateline
import StatelineTesting
import Synchronization

/// A store whose appends fail on request, before or after they take effect.
final class FlakyStore: ForwardingStore {
    enum Failure: Sendable {
        /// The batch does not reach the store.
        case notSent
        /// The batch is committed and the reply is lost.
        case replyLost
        /// The batch is lost, and nobody can say so.
        case lostUnnoticed
        /// Nothing fails: what is queued behind it concerns a later append.
        case passed
    }

    let base: any SessionStore
    private let failures = Mutex<[Failure]>([])
    private let appendCount = Mutex(0)

    init(_ store: any SessionStore) {
        self.base = store
    }

    /// How many appends were asked for.
    var appends: Int { appendCount.withLock { $0 } }

    func failNext(_ next: Failure...) {
        failures.withLock { $0 += next }
    }

    func failNoMore() {
        failures.withLock { $0 = [] }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        appendCount.withLock { $0 += 1 }
        switch failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case .notSent?: throw StoreError(.unavailable, committed: .no, message: "not sent")
        case .lostUnnoticed?: throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case .replyLost?:
            _ = try await base.append(batch, to: key, expecting: position)
            throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case .passed?, nil: return try await base.append(batch, to: key, expecting: position)
        }
    }
}
