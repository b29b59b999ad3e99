import NIOConcurrencyHelpers
import Stateline

/// A clock that jumps over the pauses before retries.
///
/// It is an observer of turns too: it learns of a pause just before the turn sleeps for it. Any other sleep, such as that of
/// a call's time limit, lasts until it is cancelled.
final class RetryClock: Clock, TurnObserver {
    struct Instant: InstantProtocol, Hashable {
        let sinceStart: Duration

        func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        static func < (a: Instant, b: Instant) -> Bool { a.sinceStart < b.sinceStart }
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var retries: [CallRetry] = []
        var isPausing = false
    }

    private let state = NIOLockedValueBox(State())

    var now: Instant { state.withLockedValue { $0.now } }
    var minimumResolution: Duration { .zero }
    /// The retries so far.
    var retries: [CallRetry] { state.withLockedValue { $0.retries } }

    func advance(by duration: Duration) {
        state.withLockedValue { $0.now = $0.now.advanced(by: duration) }
    }

    func retryScheduled(_ retry: CallRetry) {
        state.withLockedValue { state in
            state.retries.append(retry)
            state.isPausing = true
        }
    }

    func turnEnded(_ turn: EndedTurn) {}

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let isPause = state.withLockedValue { state in
            guard state.isPausing, state.retries.last?.pause == state.now.duration(to: deadline) else { return false }
            state.isPausing = false
            state.now = deadline
            return true
        }
        if isPause { return try Task.checkCancellation() }
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        continuation.finish()
        throw CancellationError()
    }
}
