import Foundation
import Synchronization

/// Runs a closure on several threads, which begin together, and waits until all of them have ended.
func withCrew(of count: Int, _ body: @escaping @Sendable (_ member: Int) -> Void) {
    let gate = Gate(waiting: count)
    let threads = (0..<count)
        .map { member in
            startThread {
                gate.pass()
                body(member)
            }
        }
    for thread in threads { pthread_join(thread, nil) }
}

/// Starts a thread, which has let go of the closure when it has ended.
func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    var thread = pthread_t()
    let job = unsafe Unmanaged.passRetained(Job(body)).toOpaque()
    let error = unsafe pthread_create(
        &thread,
        nil,
        { job in
            unsafe Unmanaged<Job>.fromOpaque(job!).takeRetainedValue().body()
            return nil
        },
        job
    )
    precondition(error == 0, "no thread: \(error)")
    return thread
}

private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A place that threads leave together.
private final class Gate: Sendable {
    private let waiting: Atomic<Int>

    init(waiting: Int) { self.waiting = Atomic(waiting) }

    func pass() {
        waiting.subtract(1, ordering: .acquiringAndReleasing)
        while waiting.load(ordering: .acquiring) > 0 { sched_yield() }
    }
}
