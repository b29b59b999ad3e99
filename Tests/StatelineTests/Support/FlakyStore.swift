import Stateline
import StatelineTesting
import Synchronization

/// A store whose appends fail on request, before or after they take effect.
///
/// A failure takes 4 s of the store's clock: a boundary on that clock, whose commits have 10 s, makes three attempts.
final class FlakyStore: ForwardingStore {
    enum Failure: Sendable {
        /// The batch does not reach the store.
        case notSent
        /// The batch is committed and the reply is lost.
        case replyLost
        /// The batch is lost, and the outcome is unknown.
        case lostUnnoticed
        /// Nothing fails: what is queued behind it concerns a later append.
        case passed
    }

    let base: any SessionStore
    let clock = ManualClock()
    private let failures = Mutex<[Failure]>([])
    private let appendCount = Mutex(0)

    init(_ store: any SessionStore) {
        self.base = store
    }

    /// The number of appends that were asked for.
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
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure, failure != .passed { clock.advance(by: .seconds(4)) }
        switch failure {
        case .notSent?: throw StoreError(.unavailable, committed: .no, message: "not sent")
        case .lostUnnoticed?: throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case .replyLost?:
            _ = try await base.append(batch, to: key, expecting: position)
            throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case .passed?, nil: return try await base.append(batch, to: key, expecting: position)
        }
    }
}
