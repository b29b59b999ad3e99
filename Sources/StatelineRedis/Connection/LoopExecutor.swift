internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// An executor that runs tasks on an event loop, so that a task continues as soon as its reply is read, and one write
/// sends the next requests of all tasks.
///
/// Jobs that become ready on the loop wait in a plain array and run before the loop continues. Jobs from other threads
/// wait behind a lock. A turn runs a bounded number of jobs, so a task that yields for ever starves no socket.
///
/// Unchecked: `local`, `spare`, `isHeld`, `isScheduled` and `unflushed` are used on the loop's thread only, as each
/// method that uses them asserts or has just checked. `remote` is behind its lock. The rest is constant.
final class LoopExecutor: TaskExecutor, @unchecked Sendable {
    /// The maximum number of jobs that run before the loop polls its sockets again.
    private static let jobsPerTurn = 2_048
    /// The pause before the loop continues with jobs that are left.
    ///
    /// Without it the loop would run them before it polls its sockets.
    private static let pause = TimeAmount.microseconds(10)

    /// The executor of each loop's thread, so that all connections of a loop share one.
    private static let ofThread = ThreadSpecificVariable<LoopExecutor>()

    /// The event loop.
    let eventLoop: any EventLoop
    private let remote = NIOLockedValueBox<[UnownedJob]>([])
    private var local: [UnownedJob] = []
    /// An empty array whose storage is used again.
    private var spare: [UnownedJob] = []
    /// `true` while a caller of ``run(_:)`` is going to run the jobs.
    private var isHeld = false
    /// `true` if the loop is scheduled to run the jobs.
    private var isScheduled = false
    /// The connections to flush after the jobs.
    private var unflushed: [RedisChannelHandler] = []

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Returns the executor of an event loop.
    ///
    /// Call on the loop.
    static func current(on eventLoop: any EventLoop) -> LoopExecutor {
        eventLoop.preconditionInEventLoop()
        if let executor = ofThread.currentValue, executor.eventLoop === eventLoop { return executor }
        let executor = LoopExecutor(eventLoop)
        ofThread.currentValue = executor
        return executor
    }

    /// Enqueues a job.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if eventLoop.inEventLoop {
            local.append(job)
            schedule()
        } else {
            let isFirst = remote.withLockedValue { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            if isFirst { eventLoop.execute { self.run {} } }
        }
    }

    /// Runs a closure on the loop, then the jobs that it made ready, then flushes the connections.
    func run(_ body: () -> Void) {
        guard !isHeld else { return body() }
        isHeld = true
        body()
        takeRemote()
        let isLeft = runJobs()
        isHeld = false
        flushAll()
        if isLeft, !isScheduled {
            isScheduled = true
            eventLoop.scheduleTask(in: Self.pause) {
                self.isScheduled = false
                self.run {}
            }
        }
    }

    /// Flushes a connection after the jobs that are running.
    func flushLater(_ handler: RedisChannelHandler) {
        unflushed.append(handler)
        schedule()
    }

    private func schedule() {
        guard !isHeld, !isScheduled else { return }
        isScheduled = true
        eventLoop.execute {
            self.isScheduled = false
            self.run {}
        }
    }

    private func flushAll() {
        // By index: a failing write may add other connections.
        var index = 0
        while index < unflushed.count {
            unflushed[index].flush()
            index += 1
        }
        unflushed.removeAll(keepingCapacity: true)
    }

    private func takeRemote() {
        remote.withLockedValue { jobs in
            guard !jobs.isEmpty else { return }
            local.append(contentsOf: jobs)
            jobs.removeAll(keepingCapacity: true)
        }
    }

    /// Runs a bounded number of jobs.
    ///
    /// - Returns: `true` if jobs are left.
    private func runJobs() -> Bool {
        // Safety: a job that was enqueued is run once, by the executor that it was enqueued on.
        let executor = unsafe asUnownedTaskExecutor()
        var budget = Self.jobsPerTurn
        while !local.isEmpty, budget > 0 {
            // Taken as a whole, because each job may add others.
            var batch = exchange(&local, with: exchange(&spare, with: []))
            let count = min(batch.count, budget)
            for index in 0..<count { unsafe batch[index].runSynchronously(on: executor) }
            budget -= count
            if count < batch.count { local.insert(contentsOf: batch[count...], at: 0) }
            batch.removeAll(keepingCapacity: true)
            spare = batch
        }
        return !local.isEmpty
    }
}
