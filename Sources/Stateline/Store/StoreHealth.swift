internal import Synchronization

/// The reachability of the store, as of the last request.
final class StoreHealth: Sendable {
    private let suspicion = Atomic(false)

    /// `true` if the store could not be reached when it was last asked.
    var isSuspect: Bool { suspicion.load(ordering: .relaxed) }

    /// Notes that the store answered.
    func answered() {
        if isSuspect { suspicion.store(false, ordering: .relaxed) }
    }

    /// Notes that the store gave no answer; the failure of a cancelled task says nothing about the store.
    func failed(_ error: StoreError) {
        if error.reason == .unavailable, !Task.isCancelled { suspicion.store(true, ordering: .relaxed) }
    }
}
