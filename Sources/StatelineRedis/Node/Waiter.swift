internal import NIOConcurrencyHelpers
internal import NIOCore

/// A task that waits for a value until its deadline; the first that ends the wait wins.
final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        /// Nothing has come, and nobody is asleep yet. Next: asleep, over.
        case awake
        /// The task sleeps. Next: over.
        case asleep(CheckedContinuation<Result<Value, RedisError>, Never>)
        /// It has what it waited for, or an error.
        case over(Result<Value, RedisError>)
    }

    private let state = NIOLockedValueBox(State.awake)

    /// Ends the wait.
    ///
    /// - Returns: Whether this is what ended it.
    @discardableResult
    func finish(_ result: Result<Value, RedisError>) -> Bool {
        let (isFirst, continuation) = state.withLockedValue { state in
            switch state {
            case .awake:
                state = .over(result)
                return (true, CheckedContinuation<Result<Value, RedisError>, Never>?.none)
            case .asleep(let continuation):
                state = .over(result)
                return (true, continuation)
            case .over:
                return (false, nil)
            }
        }
        continuation?.resume(returning: result)
        return isFirst
    }

    /// Waits.
    ///
    /// - Parameters:
    ///   - deadline: Until when.
    ///   - loop: What keeps the time.
    ///   - overdue: What is thrown then.
    /// - Returns: The value.
    /// - Throws: ``RedisError``: the given one, `cancelled`, or what the wait was ended with.
    func value(
        until deadline: NIODeadline,
        on loop: any EventLoop,
        overdue: RedisError
    ) async throws(RedisError) -> Value {
        let alarm = loop.scheduleTask(deadline: deadline) { () -> Void in
            self.finish(.failure(overdue))
        }
        defer { alarm.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLockedValue { state -> Result<Value, RedisError>? in
                    if case .over(let result) = state { return result }
                    state = .asleep(continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            finish(.failure(RedisError(.cancelled, .notSent, message: "the task was cancelled")))
        }
        return try result.get()
    }
}

/// Those who wait, in the order in which they came, no more than so many.
struct Waiters<Value: Sendable> {
    private let limit: Int
    private var queue = CircularBuffer<(id: UInt64, waiter: Waiter<Value>)>()
    private var gone: Set<UInt64> = []
    private var next: UInt64 = 0

    /// Nobody yet.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many wait.
    var count: Int { queue.count - gone.count }

    /// Lets one more wait, unless too many do.
    mutating func add() -> (id: UInt64, waiter: Waiter<Value>)? {
        guard count < limit else { return nil }
        defer { next += 1 }
        let entry = (id: next, waiter: Waiter<Value>())
        queue.append(entry)
        return entry
    }

    /// Somebody waits no more: served, late or cancelled.
    ///
    /// - Complexity: amortized O(1).
    mutating func remove(_ id: UInt64) {
        guard let first = queue.first, id >= first.id else { return }
        gone.insert(id)
        while let first = queue.first, gone.remove(first.id) != nil { queue.removeFirst() }
        if gone.count > 64, gone.count > queue.count / 2 {
            queue.removeAll { gone.contains($0.id) }
            gone.removeAll()
        }
    }

    /// Takes the first.
    mutating func takeFirst() -> Waiter<Value>? {
        while let first = queue.popFirst() {
            if gone.remove(first.id) == nil { return first.waiter }
        }
        return nil
    }

    /// Takes all.
    mutating func takeAll() -> [Waiter<Value>] {
        defer {
            queue.removeAll()
            gone.removeAll()
        }
        return queue.filter { !gone.contains($0.id) }.map(\.waiter)
    }
}
