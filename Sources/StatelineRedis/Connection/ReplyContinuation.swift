/// Who waits for a reply: checked in debug builds, two pointers in others.
@safe struct ReplyContinuation: Sendable {
    /// The task that waits.
    ///
    /// Safety: a task that waits for this continuation exists until it is resumed, and whoever has the continuation has
    /// not resumed it. Of a task that is not the current one, only whether it is cancelled may be asked, and only that is.
    /// As a pointer, because the layout of the type that it is of is not known here, and would be looked up at each turn.
    private nonisolated(unsafe) let task: UnsafeRawPointer
    #if DEBUG
    private let base: CheckedContinuation<Result<RESPValue, RedisError>, Never>
    #else
    private let base: UnsafeContinuation<Result<RESPValue, RedisError>, Never>
    #endif

    /// Waits until somebody resumes what the closure was given; exactly once.
    @inline(__always)
    static func wait(_ body: (ReplyContinuation) -> Void) async -> Result<RESPValue, RedisError> {
        #if DEBUG
        await withCheckedContinuation { body(unsafe ReplyContinuation(task: current, base: $0)) }
        #else
        // Safety: the state machine gives each completion away once, and debug builds, in which all tests run, check it.
        await unsafe withUnsafeContinuation { body(unsafe ReplyContinuation(task: current, base: $0)) }
        #endif
    }

    /// The task that runs this.
    private static var current: UnsafeRawPointer {
        // Safety: it is kept no longer than its task waits, see `task`.
        unsafe withUnsafeCurrentTask { task in
            guard let task = unsafe task else { preconditionFailure("not in a task") }
            return unsafe unsafeBitCast(task, to: UnsafeRawPointer.self)
        }
    }

    /// Whether the task that waits was cancelled.
    var isCancelled: Bool { unsafe unsafeBitCast(task, to: UnsafeCurrentTask.self).isCancelled }

    /// Hands over the reply.
    func resume(_ reply: RESPValue) {
        resume(with: .success(reply))
    }

    /// Hands over the failure.
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
