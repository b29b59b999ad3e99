internal import Stateline
internal import Synchronization

/// A clock that only moves when a test advances it.
///
/// ```swift
/// let clock = ManualClock()
/// async let slept: Void = clock.sleep(for: .seconds(60))
/// await clock.waitForSleepers(1)
/// clock.advance(by: .seconds(60))
/// try await slept
/// ```
///
/// Sleepers that are due wake in the order of their deadlines, and at one deadline in the order in which they fell
/// asleep.
public final class ManualClock: Clock, Sendable {
    /// A reading of a manual clock: the time since it was made.
    public struct Instant: InstantProtocol, Hashable, Sendable {
        /// The time since the clock was made.
        public let sinceStart: Duration

        /// Makes a reading.
        public init(sinceStart: Duration) {
            self.sinceStart = sinceStart
        }

        /// Returns the reading after a duration.
        public func advanced(by duration: Duration) -> Instant {
            Instant(sinceStart: sinceStart + duration)
        }

        /// Returns the time from this reading to another.
        public func duration(to other: Instant) -> Duration {
            other.sinceStart - sinceStart
        }

        /// Returns `true` if a reading is earlier than another.
        public static func < (a: Instant, b: Instant) -> Bool { a.sinceStart < b.sinceStart }
    }

    private enum Waking: Sendable {
        case due
        case cancelled
    }

    private struct Sleeper {
        let deadline: Instant
        let waking: OneShot<Waking>
    }

    private struct Watcher {
        let count: Int
        let isReached: OneShot<Void>
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [Watcher] = []
    }

    private let state = Mutex(State())

    /// Makes a clock at zero.
    public init() {}

    /// The present reading.
    public var now: Instant { state.withLock { $0.now } }
    /// No time: a manual clock is exact.
    public var minimumResolution: Duration { .zero }
    /// The number of sleeping tasks.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves the clock forward and wakes the sleepers that are due.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "a clock cannot be set back")
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for sleeper in due { sleeper.value.waking.give(.due) }
    }

    /// Sleeps until the clock is advanced to a reading.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before that.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try Task.checkCancellation()
        let waking = OneShot<Waking>()
        guard let id = fallAsleep(Sleeper(deadline: deadline, waking: waking)) else { return }
        let end = await waking.value {
            state.withLock { $0.sleepers[id] = nil }
            return .cancelled
        }
        if end == .cancelled { throw CancellationError() }
    }

    /// Waits until at least `count` tasks sleep.
    public func waitForSleepers(_ count: Int) async {
        let isReached = OneShot<Void>()
        let isThere = state.withLock { state in
            if state.sleepers.count >= count { return true }
            state.watchers.append(Watcher(count: count, isReached: isReached))
            return false
        }
        if !isThere { await isReached.value() }
    }

    /// Adds a sleeper, unless it is due; returns its number.
    private func fallAsleep(_ sleeper: Sleeper) -> Int? {
        let (id, reached): (Int?, [Watcher]) = state.withLock { state in
            if sleeper.deadline <= state.now { return (nil, []) }
            let id = state.nextID
            state.nextID += 1
            state.sleepers[id] = sleeper
            let count = state.sleepers.count
            let reached = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return (id, reached)
        }
        for watcher in reached { watcher.isReached.give(()) }
        return id
    }
}
