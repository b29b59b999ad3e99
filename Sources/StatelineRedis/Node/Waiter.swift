internal import NIOCore
internal import Stateline

/// A task that waits for a value until its deadline; the first event that ends the wait wins.
struct Waiter<Value: Sendable>: Sendable {
    private let result = OneShot<Result<Value, RedisError>>()

    /// Ends the wait.
    ///
    /// - Returns: `true` if this ended it.
    @discardableResult
    func finish(_ result: Result<Value, RedisError>) -> Bool { self.result.give(result) }

    /// Waits for the value.
    ///
    /// - Parameters:
    ///   - deadline: The time at which the wait ends without a value.
    ///   - loop: The event loop that keeps the time.
    ///   - overdue: The error that is thrown at the deadline.
    /// - Returns: The value.
    /// - Throws: ``RedisError``: `overdue`, `cancelled`, or the error that the wait was ended with.
    func value(
        until deadline: NIODeadline,
        on loop: any EventLoop,
        overdue: RedisError
    ) async throws(RedisError) -> Value {
        let alarm = loop.scheduleTask(deadline: deadline) { () -> Void in
            self.finish(.failure(overdue))
        }
        defer { alarm.cancel() }
        return
            try await result.value {
                .failure(.cancelledUnsent)
            }
            .get()
    }
}
