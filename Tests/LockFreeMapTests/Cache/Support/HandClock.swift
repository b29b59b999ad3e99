import Synchronization

/// A clock that moves only when it is told to.
///
/// Like StatelineTesting's `ManualClock`, which lies above this module; here reading takes no lock, so that threads can
/// move time while others read it.
final class HandClock: Clock {
    /// A reading: the time since the clock was made.
    struct Instant: InstantProtocol {
        let sinceStart: Duration

        func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private struct State {
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var watchers: [CheckedContinuation<Void, Never>] = []
        var nextID = 0
    }

    private let milliseconds = Atomic<Int64>(0)
    private let state = Mutex(State())

    var now: Instant { Instant(sinceStart: .milliseconds(milliseconds.load(ordering: .acquiring))) }
    var minimumResolution: Duration { .zero }

    /// Moves time on, by whole milliseconds, and wakes who is due.
    func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        milliseconds.add(seconds * 1_000 + attoseconds / 1_000_000_000_000_000, ordering: .acquiringAndReleasing)
        let due = state.withLock { state in
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due
        }
        for sleeper in due.values { sleeper.continuation.resume() }
    }

    func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, watchers) = fallAsleep(id, deadline, continuation)
                if let result { continuation.resume(with: result) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits until somebody sleeps.
    func waitForSleeper() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.isEmpty { state.watchers.append(continuation) }
                return !state.sleepers.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    private func fallAsleep(
        _ id: Int,
        _ deadline: Instant,
        _ continuation: CheckedContinuation<Void, any Error>
    ) -> (result: Result<Void, any Error>?, watchers: [CheckedContinuation<Void, Never>]) {
        state.withLock { state in
            if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), []) }
            if deadline <= now { return (.success(()), []) }
            state.sleepers[id] = (deadline, continuation)
            let watchers = state.watchers
            state.watchers = []
            return (nil, watchers)
        }
    }
}
