import Foundation
import LockFreeMap

/// A thread that goes on only when a test lets it, from one step of the map to another.
///
/// The steps are those of a map over ``Conducted``, or over a mutant of it. One thread goes on at a time, so that a
/// schedule is what the test says it is.
final class Performer: Sendable {
    private struct State: Sendable {
        /// The step that the thread waits before; `nil` at its start and at its end.
        var step: Step?
        var hasEnded = false
        var goal: Goal = .step
    }

    /// Where the thread stops next.
    private enum Goal: Sendable {
        /// At the next step, whichever it is.
        case step
        /// At that step.
        case one(Step)
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
            Performer.$current.withValue(self) { body() }
            self.state.withLock {
                $0.hasEnded = true
                $0.step = nil
            }
            self.stopped.signal()
        }
        thread.stackSize = 1 << 20
        thread.start()
    }

    @TaskLocal static var current: Performer?

    /// Whether the thread has done all it had to do.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Lets the thread go on to the next step, and returns that step; `nil` at the thread's end.
    @discardableResult
    func advance() -> Step? { go(to: .step) }

    /// Lets the thread go on until it stands before a step; returns whether it came to that.
    @discardableResult
    func advance(to step: Step) -> Bool { go(to: .one(step)) == step }

    /// Lets the thread go on to its end.
    func finish() { _ = go(to: .end) }

    private func go(to goal: Goal) -> Step? {
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
    fileprivate func reach(_ step: Step) {
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

/// Steps that ``Performer`` holds.
protocol HeldSteps: Steps {}

extension HeldSteps {
    static var omission: Omission? { nil }
    static func reach(_ step: Step) { Performer.current?.reach(step) }
}

/// The map that ships, with its steps held.
enum Conducted: HeldSteps {}

// The mutants: the same source, and one part of it left out.

enum WithoutPin: HeldSteps { static var omission: Omission? { .pin } }
enum WithoutWaiting: HeldSteps { static var omission: Omission? { .waitForReaders } }
enum WithoutLimbo: HeldSteps { static var omission: Omission? { .limbo } }
enum WithoutClaimRecheck: HeldSteps { static var omission: Omission? { .recheckClaimedSlot } }
enum WithoutKindRecheck: HeldSteps { static var omission: Omission? { .recheckKind } }
enum WithoutTombstoneBar: HeldSteps { static var omission: Omission? { .tombstoneBarsHelper } }
enum WithoutFreeze: HeldSteps { static var omission: Omission? { .freeze } }
enum WithoutMark: HeldSteps { static var omission: Omission? { .markMoved } }
enum WithoutSeal: HeldSteps { static var omission: Omission? { .seal } }
enum WithoutAdmission: HeldSteps { static var omission: Omission? { .admission } }
enum WithoutThreadCount: HeldSteps { static var omission: Omission? { .countThreads } }
