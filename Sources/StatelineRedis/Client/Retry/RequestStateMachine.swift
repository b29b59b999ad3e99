internal import NIOCore

/// A state machine that decides after each attempt of one request what comes next: another attempt, the server's
/// answer, or a failure.
///
/// A request that may have been executed is sent again only if it is repeatable. Once an attempt may have been
/// executed, no later failure and no later refusal says that it was not. The only bound on the time of all attempts is
/// the caller's deadline.
struct RequestStateMachine {
    /// The destination of the next attempt.
    enum Route: Hashable, Sendable {
        /// The known owner of the keys.
        case owner
        /// The owner of the keys after another look-up.
        case refreshedOwner
        /// The node that the slot belongs to now, which is to be remembered.
        case moved(Redirection)
        /// The node that the slot is moving to, this once.
        case asking(Redirection)
    }

    /// The next step of a request.
    enum Action: Hashable, Sendable {
        /// Send it again after a pause.
        case send(Route, after: TimeAmount)
        /// Hand the server's answer to the caller.
        case handOver
        /// Fail.
        case fail(RedisError)
    }

    private let isRepeatable: Bool
    private let policy: RequestRetryPolicy
    private let deadline: NIODeadline
    private var redirections = 0
    private var reconnections = 0
    private var failures = 0
    private var maybeCommitted = false

    /// Makes the state of a request whose first attempt failed.
    init(isRepeatable: Bool, policy: RequestRetryPolicy, deadline: NIODeadline) {
        self.isRepeatable = isRepeatable
        self.policy = policy
        self.deadline = deadline
    }

    /// Decides what follows a server's refusal to execute the request.
    mutating func refused(
        _ text: String,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        let refusal = Self.refusal(text)
        switch RetryClass(serverError: text) {
        case .no, .reconnect:
            return handOver(text)
        case .wait:
            return wait(.owner, refusal, now: now, using: &generator)
        case .refresh:
            guard policy.awaitsFailover else { return handOver(text) }
            return wait(.refreshedOwner, refusal, now: now, using: &generator)
        case .moved(let redirection):
            guard policy.awaitsFailover else { return handOver(text) }
            return redirect(.moved(redirection), refusal, now: now, using: &generator)
        case .ask(let redirection):
            guard policy.awaitsFailover else { return handOver(text) }
            return redirect(.asking(redirection), refusal, now: now, using: &generator)
        }
    }

    /// Decides what follows an attempt without an answer.
    mutating func failed(
        _ error: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        switch error.execution {
        case .notSent, .notExecuted: break
        case .unknown:
            maybeCommitted = true
            guard isRepeatable else { return .fail(error) }
        case .executed: return .fail(error)
        }
        let route = policy.awaitsFailover ? Route.refreshedOwner : .owner
        switch RetryClass(error) {
        case .no, .moved, .ask:
            // A request that may have run is sent again until its outcome is known: a password that was refused may be
            // changed back, and a full queue drains.
            guard maybeCommitted, error.reason != .cancelled else { return .fail(final(error)) }
            return wait(route, error, now: now, using: &generator)
        case .wait:
            return wait(route, error, now: now, using: &generator)
        case .reconnect:
            reconnections += 1
            if reconnections <= policy.reconnections, now < deadline { return .send(.owner, after: .zero) }
            return wait(route, error, now: now, using: &generator)
        case .refresh:
            // If no other node may take over, a request that has not run fails fast. One that may have run is sent
            // again.
            guard maybeCommitted || policy.awaitsFailover && error.reason == .clusterDown else { return .fail(error) }
            return wait(route, error, now: now, using: &generator)
        }
    }

    /// Notes that some of the request's commands were executed, and the others not yet.
    mutating func ranPartly() {
        maybeCommitted = true
    }

    /// Judges an error of the server that no other attempt can remedy.
    ///
    /// - Returns: `nil` if the caller may read the answer; the failure if an earlier attempt may have been executed, of
    ///   which the answer says nothing.
    func answered(_ text: String) -> RedisError? {
        maybeCommitted ? final(ServerMessage(text).error) : nil
    }

    private mutating func redirect(
        _ route: Route,
        _ refusal: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        redirections += 1
        guard redirections <= policy.redirections else {
            // The nodes do not agree on the owner yet.
            let error = RedisError(.clusterDown, .notExecuted, message: "redirected \(policy.redirections) times")
            return wait(.refreshedOwner, error, now: now, using: &generator)
        }
        guard now < deadline else { return .fail(final(refusal)) }
        return .send(route, after: .zero)
    }

    private mutating func wait(
        _ route: Route,
        _ error: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        failures += 1
        redirections = 0
        reconnections = 0
        // The first look-up has no pause: all requests share it, and it does not burden the node that failed.
        let isFirstLook = failures == 1 && route == .refreshedOwner
        let delay = isFirstLook ? .zero : policy.backoff.delay(after: failures, using: &generator)
        guard now + delay < deadline else { return .fail(final(error)) }
        return .send(route, after: delay)
    }

    /// Hands a refusal to the caller as the server's answer, or as a failure if an earlier attempt may have been
    /// executed.
    private func handOver(_ text: String) -> Action {
        answered(text).map { .fail($0) } ?? .handOver
    }

    /// Returns an error of the last attempt, with the outcome unknown if an earlier attempt may have been executed.
    private func final(_ error: RedisError) -> RedisError {
        guard maybeCommitted, error.execution != .executed else { return error }
        return RedisError(error.reason, .unknown, message: error.message)
    }

    /// Makes an error of a server's refusal, without its text, which may name keys.
    private static func refusal(_ text: String) -> RedisError {
        let error = ServerMessage(text).error
        guard case .refused(code: "CLUSTERDOWN") = error.reason else { return error }
        return RedisError(.clusterDown, .notExecuted, message: error.message)
    }
}
