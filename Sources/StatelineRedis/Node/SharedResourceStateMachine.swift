internal import NIOCore

/// The life of something that many use, such as a connection: made when it is wanted, and made again when it went bad.
///
/// An attempt is made by one for all. After a failed one nobody waits: who comes before the pause is over fails at once,
/// and who comes later begins the next attempt, alone, and waits for it no longer than the patience of what is down.
struct SharedResourceStateMachine<Value: Sendable> {
    private enum State {
        /// Nobody has wanted it, or it went bad. Next: making, closed.
        case idle
        /// An attempt is under way; so many before it failed in a row, the last one so. Next: ready, down, closed.
        case making(failures: Int, last: RedisError?)
        /// It is there. Next: idle, making, replacing, closed.
        case ready(Value)
        /// It serves while another one is being made to take its place. Next: ready, making, closed.
        case replacing(Value)
        /// The last attempt failed, and the next may begin then. Next: making, closed.
        case down(RedisError, failures: Int, until: NIODeadline)
        /// For good.
        case closed
    }

    /// What a request that wants it does.
    enum RequestAction {
        /// Take it.
        case use(Value)
        /// Begin an attempt, and wait for it, or fail as the last one did.
        case make(until: NIODeadline, last: RedisError?)
        /// Wait for the attempt that is under way, or fail as the last one did.
        case wait(until: NIODeadline, last: RedisError?)
        /// Fail: nothing was sent.
        case fail(RedisError)
    }

    /// What something else leads to.
    enum Action {
        /// Give it to those who wait.
        case serve(Value)
        /// Tell those who wait.
        case fail(RedisError)
        /// Let go of it: nobody wants it any more.
        case discard(Value)
        /// Have the first one make way for the second, which serves those who wait.
        case replace(Value, by: Value)
        /// Nothing.
        case none
    }

    private var state = State.idle
    private let backoff: Backoff
    private let patience: TimeAmount

    /// Begins with nothing.
    ///
    /// - Parameters:
    ///   - backoff: The pauses between failed attempts.
    ///   - patience: How long a request waits for an attempt that follows a failed one.
    init(backoff: Backoff, patience: TimeAmount) {
        self.backoff = backoff
        self.patience = patience
    }

    /// What is there, good or bad.
    var value: Value? {
        switch state {
        case .ready(let value), .replacing(let value): value
        case .idle, .making, .down, .closed: nil
        }
    }

    /// A request wants it; `isGood` tells whether what is there still serves.
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

    /// The attempt made it.
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

    /// The attempt failed.
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

    /// What is there is doubtful: another one is to be made beside it, and takes its place if that succeeds.
    ///
    /// - Returns: `true` if an attempt is to begin.
    mutating func doubted() -> Bool {
        switch state {
        case .ready(let value):
            state = .replacing(value)
            return true
        case .idle, .making, .replacing, .down, .closed:
            return false
        }
    }

    /// What is there does not serve any more; the next request has another one made.
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

    /// It is wanted no longer.
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
