import Foundation
import LockFreeMap

/// A thread that goes on only when a test lets it, from one step of the map to another.
///
/// The steps are those of a map over ``Stepped``, or over a mutant of it. One thread goes on at a time, so that a
/// schedule is what the test says it is.
final class SteppedThread: Sendable {
    private struct State: Sendable {
        /// The step that the thread waits before; `nil` at its start and at its end.
        var step: SchedulingPoint?
        var hasEnded = false
        var goal: Goal = .step
    }

    /// Where the thread stops next.
    private enum Goal: Sendable {
        /// At the next step, whichever it is.
        case step
        /// At that step.
        case one(SchedulingPoint)
        /// At its end.
        case end
    }

    private let state = Guarded(State())
    private let go = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)

    /// Makes a thread that stands before its first step.
    init(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            self.go.wait()
            SteppedThread.$current.withValue(self) { body() }
            self.state.withLock {
                $0.hasEnded = true
                $0.step = nil
            }
            self.stopped.signal()
        }
        thread.stackSize = 1 << 20
        thread.start()
    }

    @TaskLocal static var current: SteppedThread?

    /// `true` if the thread has ended.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Lets the thread go on to the next step, and returns that step; `nil` at the thread's end.
    @discardableResult
    func advance() -> SchedulingPoint? { go(to: .step) }

    /// Lets the thread go on until it stands before a step; returns whether it came to that.
    @discardableResult
    func advance(to step: SchedulingPoint) -> Bool { go(to: .one(step)) == step }

    /// Lets the thread go on to its end.
    func finish() { _ = go(to: .end) }

    private func go(to goal: Goal) -> SchedulingPoint? {
        let hasEnded = state.withLock {
            $0.goal = goal
            return $0.hasEnded
        }
        guard !hasEnded else { return nil }
        go.signal()
        stopped.wait()
        return state.withLock { $0.step }
    }

    /// Called by the map on the performer's thread.
    fileprivate func reach(_ step: SchedulingPoint) {
        let stops = state.withLock { state -> Bool in
            let stops =
                switch state.goal {
                case .step: true
                case .one(let wanted): wanted == step
                case .end: false
                }
            if stops { state.step = step }
            return stops
        }
        guard stops else { return }
        stopped.signal()
        go.wait()
    }
}

/// MapInstrumentation that ``SteppedThread`` holds.
protocol SteppedInstrumentation: MapInstrumentation {}

extension SteppedInstrumentation {
    static var mutation: Mutation? { nil }
    static func reach(_ step: SchedulingPoint) { SteppedThread.current?.reach(step) }
}

/// The map that ships, with its steps held.
enum Stepped: SteppedInstrumentation {}

// The mutants: the same source, and one part of it left out.

enum WithoutPin: SteppedInstrumentation { static var mutation: Mutation? { .pin } }
enum WithoutWaiting: SteppedInstrumentation { static var mutation: Mutation? { .waitForReaders } }
enum WithoutLimbo: SteppedInstrumentation { static var mutation: Mutation? { .limbo } }
enum WithoutClaimRecheck: SteppedInstrumentation { static var mutation: Mutation? { .recheckClaimedSlot } }
enum WithoutKindRecheck: SteppedInstrumentation { static var mutation: Mutation? { .recheckKind } }
enum WithoutTombstoneBar: SteppedInstrumentation { static var mutation: Mutation? { .tombstoneBarsHelper } }
enum WithoutFreeze: SteppedInstrumentation { static var mutation: Mutation? { .freeze } }
enum WithoutMark: SteppedInstrumentation { static var mutation: Mutation? { .markMoved } }
enum WithoutSeal: SteppedInstrumentation { static var mutation: Mutation? { .seal } }
enum WithoutAdmission: SteppedInstrumentation { static var mutation: Mutation? { .admission } }
enum WithoutThreadCount: SteppedInstrumentation { static var mutation: Mutation? { .countThreads } }
