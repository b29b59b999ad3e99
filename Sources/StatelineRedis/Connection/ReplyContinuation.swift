/// The continuation of a task that waits for a reply.
///
/// It is checked in debug builds, and two pointers in others.
@safe struct ReplyContinuation: Sendable {
    /// The task that waits.
    ///
    /// Safety: a task that waits for this continuation exists until it is resumed, and the owner of the continuation
    /// has not resumed it. Of a task that is not the current one, only `isCancelled` may be read, and only that is. It
    /// is a pointer, because the layout of the task's type is not known here and would be looked up each time.
    private nonisolated(unsafe) let task: UnsafeRawPointer
    #if DEBUG
    private let base: CheckedContinuation<Result<RESPValue, RedisError>, Never>
    #else
    private let base: UnsafeContinuation<Result<RESPValue, RedisError>, Never>
    #endif

    /// Waits until the continuation that the closure receives is resumed, exactly once.
    @inline(__always)
    static func wait(_ body: (ReplyContinuation) -> Void) async -> Result<RESPValue, RedisError> {
        #if DEBUG
        await withCheckedContinuation { body(unsafe ReplyContinuation(task: current, base: $0)) }
        #else
        // Safety: the state machine passes each completion on once, and debug builds, in which all tests run, check it.
        await unsafe withUnsafeContinuation { body(unsafe ReplyContinuation(task: current, base: $0)) }
        #endif
    }

    /// The current task.
    private static var current: UnsafeRawPointer {
        // Safety: the pointer is kept no longer than its task waits, see `task`.
        unsafe withUnsafeCurrentTask { task in
            guard let task = unsafe task else { preconditionFailure("not in a task") }
            return unsafe unsafeBitCast(task, to: UnsafeRawPointer.self)
        }
    }

    /// `true` if the waiting task was cancelled.
    var isCancelled: Bool { unsafe unsafeBitCast(task, to: UnsafeCurrentTask.self).isCancelled }

    /// Resumes the task with a reply.
    func resume(_ reply: RESPValue) {
        resume(with: .success(reply))
    }

    /// Resumes the task with an error.
    func fail(_ error: RedisError) {
        resume(with: .failure(error))
    }

    private func resume(with outcome: Result<RESPValue, RedisError>) {
        #if DEBUG
        base.resume(returning: outcome)
        #else
        // Safety: as above.
        unsafe base.resume(returning: outcome)
        #endif
    }
}
