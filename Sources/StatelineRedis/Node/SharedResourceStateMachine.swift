internal import NIOCore

/// The states of a shared value, such as a connection, which is made on demand and made again when it is unusable.
///
/// One attempt serves all requests that wait. After a failed attempt there is a pause, in which requests fail at once.
/// The first request after the pause begins the next attempt, and requests wait for it only as long as `patience`.
struct SharedResourceStateMachine<Value: Sendable> {
    private enum State {
        /// There is no value. Next: making, closed.
        case idle
        /// An attempt is under way, after a number of failures in a row. Next: ready, down, closed.
        case making(failures: Int, last: RedisError?)
        /// There is a value. Next: idle, making, replacing, closed.
        case ready(Value)
        /// The value is in use while a replacement is being made. Next: ready, making, closed.
        case replacing(Value)
        /// The last attempt failed, and the next one may begin at a time. Next: making, closed.
        case down(RedisError, failures: Int, until: NIODeadline)
        /// The resource is closed for good.
        case closed
    }

    /// The action for a request.
    enum RequestAction {
        /// Use the value.
        case use(Value)
        /// Begin an attempt and wait for it until a time, then fail as the last one did.
        case make(until: NIODeadline, last: RedisError?)
        /// Wait for the attempt that is under way until a time, then fail as the last one did.
        case wait(until: NIODeadline, last: RedisError?)
        /// Fail, with nothing sent.
        case fail(RedisError)
    }

    /// The action for another event.
    enum Action {
        /// Pass the value to the waiting requests.
        case serve(Value)
        /// Fail the waiting requests.
        case fail(RedisError)
        /// Dispose of the value.
        case discard(Value)
        /// Pass the second value to the waiting requests, and dispose of the first.
        case replace(Value, by: Value)
        /// Nothing.
        case none
    }

    private var state = State.idle
    private let backoff: Backoff
    private let patience: TimeAmount

    /// Makes the state of a resource without a value.
    ///
    /// - Parameters:
    ///   - backoff: The pauses between failed attempts.
    ///   - patience: The maximum time that a request waits for an attempt after a failed one.
    init(backoff: Backoff, patience: TimeAmount) {
        self.backoff = backoff
        self.patience = patience
    }

    /// The value, usable or not.
    var value: Value? {
        switch state {
        case .ready(let value), .replacing(let value): value
        case .idle, .making, .down, .closed: nil
        }
    }

    /// `true` if the last attempt failed.
    var isDown: Bool {
        switch state {
        case .down, .making(_, .some): true
        case .making(_, nil), .idle, .ready, .replacing, .closed: false
        }
    }

    /// Decides how a request gets the value; `isGood` returns `true` if the value is usable.
    mutating func requested(until deadline: NIODeadline, now: NIODeadline, isGood: (Value) -> Bool) -> RequestAction {
        switch state {
        case .ready(let value) where isGood(value), .replacing(let value) where isGood(value):
            return .use(value)
        case .replacing:
            state = .making(failures: 0, last: nil)
            return .wait(until: deadline, last: nil)
        case .idle, .ready:
            state = .making(failures: 0, last: nil)
            return .make(until: deadline, last: nil)
        case .making(_, nil):
            return .wait(until: deadline, last: nil)
        case .making(_, let last):
            return .wait(until: min(deadline, now + patience), last: last)
        case .down(let error, _, let until) where now < until:
            return .fail(error)
        case .down(let error, let failures, _):
            state = .making(failures: failures, last: error)
            return .make(until: min(deadline, now + patience), last: error)
        case .closed:
            return .fail(Self.closedError)
        }
    }

    /// Records that the attempt succeeded.
    mutating func made(_ value: Value) -> Action {
        switch state {
        case .making:
            state = .ready(value)
            return .serve(value)
        case .replacing(let old):
            state = .ready(value)
            return .replace(old, by: value)
        case .closed, .idle, .ready, .down:
            return .discard(value)
        }
    }

    /// Records that the attempt failed.
    mutating func failed(
        _ error: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        switch state {
        case .making(let failures, _):
            let pause = backoff.delay(after: failures + 1, using: &generator)
            state = .down(error, failures: failures + 1, until: now + pause)
            return .fail(error)
        case .replacing(let value):
            state = .ready(value)
            return .none
        case .closed, .idle, .ready, .down:
            return .none
        }
    }

    /// Begins to replace a suspect value, which stays in use meanwhile.
    ///
    /// - Returns: `true` if an attempt is to begin.
    mutating func replacementRequested() -> Bool {
        switch state {
        case .ready(let value):
            state = .replacing(value)
            return true
        case .idle, .making, .replacing, .down, .closed:
            return false
        }
    }

    /// Discards an unusable value; the next request makes another one.
    mutating func renew() -> Action {
        switch state {
        case .ready(let value):
            state = .idle
            return .discard(value)
        case .replacing(let value):
            state = .making(failures: 0, last: nil)
            return .discard(value)
        case .idle, .making, .down, .closed:
            return .none
        }
    }

    /// Closes the resource.
    mutating func close() -> Action {
        switch state {
        case .ready(let value), .replacing(let value):
            state = .closed
            return .discard(value)
        case .making:
            state = .closed
            return .fail(Self.closedError)
        case .idle, .down, .closed:
            state = .closed
            return .none
        }
    }

    private static var closedError: RedisError {
        RedisError(.unreachable, .notSent, message: "the client is closed")
    }
}
