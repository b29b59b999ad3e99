internal import NIOConcurrencyHelpers

/// Renews the lease of an open turn while its calls and tools run, and learns if the turn was lost.
///
/// A renewal is no batch. It is made three times a term; if it shows that the log has grown, the new batches are read.
final class LeaseKeeper: Sendable {
    private struct State {
        var base: Snapshot
        var isLost = false
        var waiters: [Int: OneShot<Void>] = [:]
        var nextWaiter = 0
        var task: Task<Void, Never>?
    }

    private let turn: TurnID
    private let leased: Revision
    private let log: SessionLog
    private let state: NIOLockedValueBox<State>

    /// Begins to renew.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - base: The session with the batch that gave the turn its lease.
    ///   - log: The door to the store.
    init(_ turn: TurnID, after base: Snapshot, log: SessionLog) {
        self.turn = turn
        self.leased = base.openTurn?.leased ?? base.position.revision
        self.log = log
        self.state = NIOLockedValueBox(State(base: base))
        guard let term = base.openTurn?.lease.term else { return }
        // A task of its own: it renews between the steps of an owner that drives the turn, too. The turn's end stops it.
        let task = Task { [weak self, clock = log.clock] in
            while true {
                do { try await clock.sleep(for: (term / 3).asPause) } catch { return }
                guard let self, await self.renew() else { return }
            }
        }
        state.withLockedValue { $0.task = task }
    }

    deinit {
        stop()
    }

    /// `true` if the log shows that the turn has ended or has another holder.
    var isLost: Bool { state.withLockedValue { $0.isLost } }

    /// Stops the renewals: the turn has ended.
    func stop() {
        state.withLockedValue { state in
            let task = state.task
            state.task = nil
            return task
        }?
        .cancel()
    }

    /// Takes in a newer snapshot, such as one with the turn's own batch.
    func advanced(to snapshot: Snapshot) {
        state.withLockedValue { state in
            if snapshot.position.revision > state.base.position.revision { state.base = snapshot }
        }
    }

    /// Returns when the turn is lost, or when the task is cancelled.
    func untilLost() async {
        let wait = OneShot<Void>()
        let number: Int? = state.withLockedValue { state in
            guard !state.isLost else { return nil }
            defer { state.nextWaiter += 1 }
            state.waiters[state.nextWaiter] = wait
            return state.nextWaiter
        }
        guard let number else { return }
        await withTaskCancellationHandler {
            await wait.value()
        } onCancel: {
            wait.give(())
        }
        state.withLockedValue { $0.waiters[number] = nil }
    }

    /// Renews the lease once.
    ///
    /// - Returns: `false` if the turn is lost.
    private func renew() async -> Bool {
        let base = state.withLockedValue { $0.base }
        do throws(SessionError) {
            var cost = StoreCost()
            switch try await log.lease(of: base.key, renewing: turn) {
            case .lease(_, _, let position) where position.revision > base.position.revision:
                return check(try await log.refreshed(base, cost: &cost))
            case .lease: return true
            case .unsupported: return check(try await log.refreshed(base, cost: &cost))
            case .gone: return lose()
            }
        } catch .gone {
            return lose()
        } catch .regressed {
            return lose()
        } catch {
            // The store does not answer: the next renewal may be in time.
            return true
        }
    }

    private func check(_ newest: Snapshot) -> Bool {
        advanced(to: newest)
        let isHeld = newest.openTurn.map { $0.turn == turn && $0.leased == leased } ?? false
        return isHeld || lose()
    }

    private func lose() -> Bool {
        let waiters = state.withLockedValue { state in
            state.isLost = true
            return state.waiters.values
        }
        for waiter in waiters { waiter.give(()) }
        return false
    }
}
