internal import NIOConcurrencyHelpers
internal import Synchronization

/// The open turns that this boundary knows: those that it continues itself, and the signs of life of others.
///
/// Time is the boundary's monotonic clock. A sign of life counts from the moment at which it was first seen here, so no
/// clock of another machine matters.
final class OpenTurnRegister: Sendable {
    /// A sign of life of a turn, or of its place in the queue.
    struct Sign: Hashable, Sendable {
        let turn: TurnID
        let revision: Revision
        let renewals: UInt64
    }

    private struct Observation {
        let sign: Sign
        let since: Duration
    }

    private struct State {
        var live: Set<TurnID> = []
        var observations: [SessionLife: Observation] = [:]
    }

    /// The maximum number of sessions for which signs of life are kept; one that is dropped is waited for anew.
    private static let limit = 4096

    /// The name of this process as a holder.
    let holder = TurnHolder.random()
    private let state = NIOLockedValueBox(State())
    /// The number of live turns, written under the lock: a turn that was not open in the log takes no lock.
    private let liveCount = Atomic(0)

    /// Returns `true` if a holder is this process.
    func isHolder(_ other: TurnHolder?) -> Bool { other == holder }

    /// Records that a turn runs in this process, or waits in it.
    func began(_ turn: TurnID) { update { $0.insert(turn) } }

    /// Records that a turn does not run in this process any more.
    func ended(_ turn: TurnID) {
        // The task that ends a turn has seen it begin.
        guard liveCount.load(ordering: .acquiring) > 0 else { return }
        update { $0.remove(turn) }
    }

    private func update<Result>(_ change: (inout Set<TurnID>) -> Result) {
        state.withLockedValue { state in
            _ = change(&state.live)
            liveCount.store(state.live.count, ordering: .releasing)
        }
    }

    /// Returns `true` if a turn runs in this process, or waits in it.
    func isLive(_ turn: TurnID) -> Bool { state.withLockedValue { $0.live.contains(turn) } }

    /// Returns the time at which a sign of life was first seen here.
    func firstSeen(_ sign: Sign, of session: SessionLife, now: Duration) -> Duration {
        state.withLockedValue { state in
            if let known = state.observations[session], known.sign == sign { return known.since }
            if state.observations.count >= Self.limit, let other = state.observations.keys.first {
                state.observations[other] = nil
            }
            state.observations[session] = Observation(sign: sign, since: now)
            return now
        }
    }
}
