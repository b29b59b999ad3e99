internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Runs tasks on an event loop, so that whoever waits for a reply goes on in the moment in which it is read, and what
/// they send next is written with what the others send.
///
/// Jobs of tasks that are made ready on the loop wait in a plain array and run before the loop goes on; those from other
/// threads wait behind a lock. A turn runs a bounded number of jobs: a task that yields for ever starves no socket.
///
/// Unchecked: `local`, `spare`, `isHeld`, `isScheduled` and `unflushed` are touched on the loop's thread alone, as each
/// method that touches them asserts or has just asked; `remote` is behind its lock; the rest is constant.
final class LoopExecutor: TaskExecutor, @unchecked Sendable {
    /// How many jobs run before the loop looks at its sockets again.
    private static let jobsPerTurn = 2_048
    /// After what time the loop goes on with jobs that are left: not at once, because the loop runs what is ready at
    /// once before it looks at its sockets.
    private static let pause = TimeAmount.microseconds(10)

    /// The executor of each loop's thread, so that all connections of a loop share one.
    private static let ofThread = ThreadSpecificVariable<LoopExecutor>()

    /// The loop.
    let eventLoop: any EventLoop
    private let remote = NIOLockedValueBox<[UnownedJob]>([])
    private var local: [UnownedJob] = []
    /// The room of those that ran, to be used again.
    private var spare: [UnownedJob] = []
    /// Whether somebody runs the jobs before they return to the loop.
    private var isHeld = false
    /// Whether the loop was asked to run the jobs.
    private var isScheduled = false
    /// The connections over which something is to be written after the jobs.
    private var unflushed: [RedisChannelHandler] = []

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// The executor of the loop on whose thread this is called.
    static func current(on eventLoop: any EventLoop) -> LoopExecutor {
        eventLoop.preconditionInEventLoop()
        if let executor = ofThread.currentValue, executor.eventLoop === eventLoop { return executor }
        let executor = LoopExecutor(eventLoop)
        ofThread.currentValue = executor
        return executor
    }

    /// Takes a job.
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

    /// Runs a closure on the loop, then the jobs that it made ready, then writes what they sent.
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

    /// Writes what a connection has, after the jobs that are running.
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
        // By index: what fails as it is written may add others.
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

    /// - Returns: Whether jobs are left.
    private func runJobs() -> Bool {
        // Safety: a job that was enqueued is run once, by the executor that it was enqueued on.
        let executor = unsafe asUnownedTaskExecutor()
        var budget = Self.jobsPerTurn
        while !local.isEmpty, budget > 0 {
            // Taken away as a whole, because each job may add others.
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
