/// Who waits for a reply: checked in debug builds, one pointer in others.
@safe struct ReplyContinuation: Sendable {
    #if DEBUG
    private let base: CheckedContinuation<Result<RESPValue, RedisError>, Never>
    #else
    private let base: UnsafeContinuation<Result<RESPValue, RedisError>, Never>
    #endif

    /// Waits until somebody resumes what the closure was given; exactly once.
    @inline(__always)
    static func wait(_ body: (ReplyContinuation) -> Void) async -> Result<RESPValue, RedisError> {
        #if DEBUG
        await withCheckedContinuation { body(ReplyContinuation(base: $0)) }
        #else
        // Safety: the state machine gives each completion away once, and debug builds, in which all tests run, check it.
        await unsafe withUnsafeContinuation { body(unsafe ReplyContinuation(base: $0)) }
        #endif
    }

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
