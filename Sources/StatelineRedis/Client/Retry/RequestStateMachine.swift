internal import NIOCore

/// What becomes of one request from attempt to attempt.
///
/// What may have been executed is sent again only where that is safe; once an attempt may have been executed, no later
/// failure says otherwise.
struct RequestStateMachine {
    /// Where the next attempt goes.
    enum Route: Hashable, Sendable {
        /// To whoever serves the keys as far as is known.
        case owner
        /// To whoever serves them after another look.
        case refreshedOwner
        /// To the node that the slot belongs to now, which is to be remembered.
        case moved(Redirection)
        /// To the node that the slot is moving to, this once.
        case asking(Redirection)
    }

    /// What to do next.
    enum Action: Hashable, Sendable {
        /// To send it again after a while.
        case send(Route, after: TimeAmount)
        /// To hand the server's answer to the caller.
        case handOver
        /// To fail.
        case fail(RedisError)
    }

    private let isRepeatable: Bool
    private let policy: RetryPolicy
    private let end: NIODeadline
    private var redirections = 0
    private var reconnections = 0
    private var failures = 0
    private var mayHaveRun = false

    /// Begins after the first attempt of a request went wrong.
    init(isRepeatable: Bool, policy: RetryPolicy, began: NIODeadline, deadline: NIODeadline) {
        self.isRepeatable = isRepeatable
        self.policy = policy
        self.end = min(deadline, began + policy.budget)
    }

    /// The server refused to execute it.
    mutating func refused(
        _ text: String,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        let refusal = Self.refusal(text)
        switch RetryClass(serverError: text) {
        case .no, .reconnect:
            return .handOver
        case .wait:
            return wait(.owner, refusal, now: now, using: &generator)
        case .refresh:
            guard policy.awaitsFailover else { return .handOver }
            return wait(.refreshedOwner, refusal, now: now, using: &generator)
        case .moved(let redirection):
            return redirect(.moved(redirection), refusal, now: now, using: &generator)
        case .ask(let redirection):
            return redirect(.asking(redirection), refusal, now: now, using: &generator)
        }
    }

    /// There was no answer.
    mutating func failed(
        _ error: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        switch error.execution {
        case .notSent, .notExecuted: break
        case .unknown:
            mayHaveRun = true
            guard isRepeatable else { return .fail(error) }
        case .executed: return .fail(error)
        }
        let route = policy.awaitsFailover ? Route.refreshedOwner : .owner
        switch RetryClass(error) {
        case .no, .moved, .ask:
            return .fail(final(error))
        case .wait:
            return wait(route, error, now: now, using: &generator)
        case .reconnect:
            reconnections += 1
            if reconnections <= policy.reconnections, now < end { return .send(.owner, after: .zero) }
            return wait(route, error, now: now, using: &generator)
        case .refresh:
            // What has certainly not run fails fast where nobody else may come to serve; what may have run is asked again.
            guard mayHaveRun || policy.awaitsFailover && error.reason == .clusterDown else { return .fail(error) }
            return wait(route, error, now: now, using: &generator)
        }
    }

    /// Some of its commands were executed, and the others not yet.
    mutating func ranPartly() {
        mayHaveRun = true
    }

    private mutating func redirect(
        _ route: Route,
        _ refusal: RedisError,
        now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> Action {
        guard policy.awaitsFailover else { return .handOver }
        redirections += 1
        guard redirections <= policy.redirections else {
            // The nodes do not agree yet.
            let error = RedisError(.clusterDown, .notExecuted, message: "redirected \(policy.redirections) times")
            return wait(.refreshedOwner, error, now: now, using: &generator)
        }
        guard now < end else { return .fail(final(refusal)) }
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
        // The first look is at once: it is one for all, and nothing is asked of who failed.
        let isFirstLook = failures == 1 && route == .refreshedOwner
        let delay = isFirstLook ? .zero : policy.backoff.delay(after: failures, using: &generator)
        guard now + delay < end else { return .fail(final(error)) }
        return .send(route, after: delay)
    }

    /// What the caller is told, with what earlier attempts may have done.
    private func final(_ error: RedisError) -> RedisError {
        guard mayHaveRun, error.execution != .executed else { return error }
        return RedisError(error.reason, .unknown, message: error.message)
    }

    /// A server's refusal as an error: its code, and nothing of its text, which may name keys.
    private static func refusal(_ text: String) -> RedisError {
        let code = String(text.prefix { $0 != " " })
        let reason: RedisError.Reason = code == "CLUSTERDOWN" ? .clusterDown : .refused(code: code)
        return RedisError(reason, .notExecuted, message: "the server answered \(code)")
    }
}
