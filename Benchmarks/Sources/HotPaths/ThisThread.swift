internal import Synchronization

/// Runs tasks on the thread that waits for them, one after the other.
///
/// Valgrind does not survive the end of the main thread, with which an asynchronous `main` begins. And the counts of a
/// single thread are the same on each run.
final class ThisThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    /// Enqueues the next job of a task.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Runs work that waits for nothing outside of itself, and returns when it has ended.
    func run(_ work: @escaping @Sendable () async throws -> Void) throws {
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        Task(executorPreference: self) {
            let result: Result<Void, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        while true {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                preconditionFailure("the work waits for another thread")
            }
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
