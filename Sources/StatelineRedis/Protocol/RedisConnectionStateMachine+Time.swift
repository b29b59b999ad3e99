internal import NIOCore

extension RedisConnectionStateMachine {
    /// The action for the passing of time.
    struct TimeAction {
        /// The requests whose deadline has passed.
        var failures: [Failure] = []
        /// The further action.
        var then: Then = .nothing

        /// The further action for the passing of time.
        enum Then: Equatable {
            /// Nothing but setting the alarm.
            case nothing
            /// Append ``PendingRequest/pingBytes`` to the outgoing buffer: the ping is in the queue.
            case ping
            /// Report that the connection is silent.
            case reportSilence
            /// End the connection.
            case end(RedisError)
        }
    }

    /// Handles the deadlines that have passed when the time of ``alarm`` comes.
    mutating func timePassed(now: NIODeadline) -> TimeAction {
        var action = TimeAction()
        switch state {
        case .connecting(let until), .authenticating(_, let until):
            if until <= now { action.then = .end(.connectTimedOut) }
            return action
        case .closed: return action
        case .ready, .draining: break
        }
        if earliest <= now { action.failures = expire(now: now) }
        action.then = signOfLife(now: now)
        alarm = nextAlarm(now: now)
        return action
    }

    private mutating func expire(now: NIODeadline) -> [Failure] {
        var failures: [Failure] = []
        earliest = .distantFuture
        for offset in 0..<queue.count {
            let request = queue[offset]
            guard let completion = request.completion else { continue }
            guard request.deadline <= now else {
                earliest = min(earliest, request.deadline)
                continue
            }
            let error = RedisError(
                .timedOut,
                abandon(offset, now: now),
                message: "the server did not reply before the deadline"
            )
            failures.append(Failure(completion: completion, error: error))
        }
        return failures
    }

    private mutating func signOfLife(now: NIODeadline) -> TimeAction.Then {
        guard !queue.isEmpty else {
            if case .draining = state { return .end(.closedByUs) }
            guard let keepAlive = rules.keepAlive, lastSign + keepAlive <= now else { return .nothing }
            queue.append(.ping(now: now))
            commands += 1
            return .ping
        }
        if let since = abandonment, since + rules.stallLimit <= now { return .end(.stalled) }
        guard let next = nextReport, next <= now else { return .nothing }
        silenceReported = now
        return .reportSilence
    }

    /// The time at which the connection is to be reported as silent; `nil` if no reply is due.
    private var nextReport: NIODeadline? {
        guard written > 0, let silenceLimit, let pause = rules.silenceLimit else { return nil }
        let due = max(lastSign, lastStart) + silenceLimit
        guard let silenceReported else { return due }
        return max(due, silenceReported + pause)
    }

    /// The maximum time that the oldest reply may be due without a byte: longer for a request that blocks on purpose,
    /// or is large.
    var silenceLimit: TimeAmount? {
        guard let limit = rules.silenceLimit, !queue.isEmpty else { return rules.silenceLimit }
        return limit + queue[0].expectedTime
    }

    /// Returns `true` if a reply is due and no byte has come since a time.
    func isSilent(since time: NIODeadline) -> Bool { written > 0 && lastSign <= time }

    /// Returns `true` if the oldest reply has been due for longer than ``silenceLimit`` without a byte.
    func isSilent(now: NIODeadline) -> Bool {
        guard written > 0, let silenceLimit else { return false }
        return max(lastSign, lastStart) + silenceLimit <= now
    }

    /// The time since which the server has sent no byte while the oldest request is a tombstone.
    private var abandonment: NIODeadline? {
        guard written > 0, let abandoned = queue[0].abandoned else { return nil }
        return max(abandoned, lastSign)
    }

    /// Returns the next time at which ``timePassed(now:)`` is to be called.
    func nextAlarm(now: NIODeadline) -> NIODeadline {
        let often = min(rules.keepAlive ?? rules.stallLimit, rules.stallLimit)
        var next = min(earliest, now + often)
        if !queue.isEmpty {
            if let since = abandonment { next = min(next, since + rules.stallLimit) }
            if let nextReport { next = min(next, max(nextReport, now)) }
        } else if let keepAlive = rules.keepAlive {
            next = min(earliest, max(now, lastSign) + keepAlive)
        }
        return next
    }
}
