import StatelineTesting
import Synchronization

@testable import Stateline

/// A store whose appends fail on request, before or after they take effect.
///
/// A failure takes 4 s of the store's clock: a boundary on that clock, whose commits have 10 s, makes three attempts.
final class FlakyStore: ForwardingStore {
    enum Failure: Hashable, Sendable {
        /// The batch does not reach the store.
        case notSent
        /// The batch is committed and the reply is lost.
        case replyLost
        /// The batch is lost, and the outcome is unknown.
        case lostUnnoticed
        /// The batch does not reach the store, which reports this.
        case refused(StoreError.Reason, StoreError.Committed)
        /// The batch is committed, and the store reports this.
        case committed(StoreError.Reason, StoreError.Committed)
        /// The append lasts until its task is cancelled; the outcome is unknown.
        case hangs
        /// The append lasts until ``release``, whether its task is cancelled or not; the outcome is unknown.
        case ignoresCancellation
        /// Nothing fails: what is queued behind it concerns a later append.
        case passed
    }

    let base: any SessionStore
    let clock = ManualClock()
    /// `nil` if appends may hang; else that of the base.
    let timeLimit: Duration?
    /// Ends an append that ignores cancellation.
    let release = OneShot<Void>()
    private let failures = Mutex<[Failure]>([])
    private let appendCount = Mutex(0)

    init(_ store: any SessionStore, mayHang: Bool = false) {
        self.base = store
        self.timeLimit = mayHang ? nil : store.timeLimit
    }

    /// The number of appends that were asked for.
    var appends: Int { appendCount.withLock { $0 } }

    func failNext(_ next: Failure...) { failNext(next) }

    func failNext(_ next: [Failure]) {
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
        let failure = failures.withLock { $0.isEmpty ? .passed : $0.removeFirst() }
        if case .passed = failure { return try await base.append(batch, to: key, expecting: position) }
        clock.advance(by: .seconds(4))
        switch failure {
        case .notSent: throw StoreError(.unavailable, committed: .no, message: "not sent")
        case .refused(let reason, let committed): throw StoreError(reason, committed: committed, message: "refused")
        case .hangs: await OneShot<Void>().value {}
        case .ignoresCancellation: await release.value()
        case .replyLost, .committed: _ = try await base.append(batch, to: key, expecting: position)
        case .lostUnnoticed, .passed: break
        }
        if case .committed(let reason, let committed) = failure {
            throw StoreError(reason, committed: committed, message: "committed")
        }
        throw StoreError(.unavailable, committed: .unknown, message: "no reply")
    }
}
