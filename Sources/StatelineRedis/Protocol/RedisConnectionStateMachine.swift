internal import NIOCore

/// The states of a connection, without clock, socket and threads.
///
/// Requests are in one queue, in the order of their bytes: first those that were written, then those in the outgoing
/// buffer. A reply belongs to the first request. A request that has been written stays in the queue: if its caller
/// gives up, it becomes a tombstone that absorbs its reply, so later replies still match.
///
/// A request that fails without a reply is `notSent` if it was never written, and `unknown` otherwise.
struct RedisConnectionStateMachine<Completion>: ~Copyable {
    /// The settings of a connection.
    struct Rules {
        /// The commands that are sent before any request.
        var handshake: [HandshakeCommand] = []
        /// The maximum number of commands that wait for replies, tombstones included.
        var inFlightLimit = 65_536
        /// The idle time after which the connection sends a ping; `nil` for never.
        var keepAlive: TimeAmount? = .seconds(30)
        /// The maximum time that a server may send no byte while a tombstone is the oldest request.
        var stallLimit: TimeAmount = .seconds(10)
        /// The time without a byte, while a reply is due, after which the connection is reported as silent; `nil` for
        /// never.
        var silenceLimit: TimeAmount?
    }

    /// A request that failed.
    struct Failure {
        /// The caller's completion.
        let completion: Completion
        /// The error.
        let error: RedisError
    }

    enum State {
        /// The socket and its encryption are being set up. Next: `authenticating`, `ready`, `closed`.
        case connecting(until: NIODeadline)
        /// `answered` commands of the handshake have their replies. Next: `ready`, `closed`.
        case authenticating(answered: Int, until: NIODeadline)
        /// Requests are accepted. Next: `draining`, `closed`.
        case ready
        /// No more requests are accepted; those that were accepted are answered. Next: `closed`.
        case draining
        /// The connection has ended, for a reason.
        case closed(RedisError)
    }

    let rules: Rules
    private(set) var state: State
    var queue = PendingQueue<Completion>()
    /// The replies so far to the first request, if it has several commands, and their number.
    ///
    /// Those of a tombstone are dropped.
    private var replies: [RESPValue] = []
    private var answered = 0
    /// The number of requests at the head of the queue that were written.
    private(set) var written = 0
    /// The number of commands in the queue.
    var commands = 0
    /// The number of requests in the queue that are not tombstones.
    private(set) var live = 0
    /// `true` if there are tombstones among the requests that were not written.
    private var hasUnwrittenTombstones = false
    /// A lower bound of all requests' deadlines.
    var earliest = NIODeadline.distantFuture
    /// The time at which the last byte came.
    private(set) var lastSign: NIODeadline
    /// The time at which a request was last written while no reply was due.
    private(set) var lastStart: NIODeadline
    /// The time at which the connection was last reported as silent.
    var silenceReported: NIODeadline?
    /// The time at which ``timePassed(now:)`` is to be called.
    var alarm: NIODeadline

    /// Makes the state of a connection that is being set up.
    init(rules: Rules, until deadline: NIODeadline, now: NIODeadline) {
        self.rules = rules
        self.state = .connecting(until: deadline)
        self.lastSign = now
        self.lastStart = now
        self.alarm = deadline
    }

    /// `true` if the socket or its encryption is being set up.
    var isConnecting: Bool { if case .connecting = state { true } else { false } }

    /// `true` if requests are accepted.
    var isReady: Bool { if case .ready = state { true } else { false } }
}

// MARK: - Becoming ready

extension RedisConnectionStateMachine {
    /// The action after the connection was set up.
    enum ConnectAction: Equatable {
        /// Send these commands.
        case authenticate([HandshakeCommand])
        /// Report that the connection is ready.
        case ready
        /// Nothing: the connection has ended meanwhile.
        case nothing
    }

    /// Records that the socket and its encryption are set up.
    mutating func connected(now: NIODeadline) -> ConnectAction {
        switch state {
        case .connecting(let deadline):
            lastSign = now
            guard rules.handshake.isEmpty else {
                state = .authenticating(answered: 0, until: deadline)
                return .authenticate(rules.handshake)
            }
            becomeReady(now: now)
            return .ready
        case .authenticating, .ready, .draining, .closed: return .nothing
        }
    }

    private mutating func becomeReady(now: NIODeadline) {
        state = .ready
        alarm = nextAlarm(now: now)
    }

    private mutating func handshakeReplied(_ reply: RESPValue, _ answered: Int, _ until: NIODeadline) -> ReplyAction {
        if let error = rules.handshake[answered].refusal(in: reply) { return .end(error) }
        guard answered + 1 == rules.handshake.count else {
            state = .authenticating(answered: answered + 1, until: until)
            return .drop
        }
        becomeReady(now: lastSign)
        return .ready
    }
}

// MARK: - Requests

extension RedisConnectionStateMachine {
    /// Returns the error for a request with a number of commands that cannot be accepted now; `nil` if it can be.
    func refusal(of commands: Int) -> RedisError? {
        switch state {
        case .ready:
            guard self.commands + commands > rules.inFlightLimit else { return nil }
            return .tooManyCommands
        case .connecting, .authenticating: return .unreachable
        case .draining: return .closing
        case .closed(let error): return RedisError(error.reason, .notSent, message: error.message)
        }
    }

    /// Records that a request's bytes were appended to the outgoing buffer.
    ///
    /// - Returns: `true` if ``alarm`` was set to an earlier time.
    mutating func enqueued(_ request: PendingRequest<Completion>) -> Bool {
        queue.append(request)
        commands += request.commands
        live += 1
        guard request.deadline < earliest else { return false }
        earliest = request.deadline
        guard earliest < alarm else { return false }
        alarm = earliest
        return true
    }

    /// Records that the bytes of a refused request were appended to the outgoing buffer.
    mutating func enqueuedRefused(_ request: PendingRequest<Completion>) {
        var tombstone = request
        tombstone.completion = nil
        queue.append(tombstone)
        commands += request.commands
        hasUnwrittenTombstones = true
    }

    /// Records that the outgoing buffer is about to be written; ``alarm`` may be earlier afterwards.
    ///
    /// - Parameter now: Returns the time; called only if no reply is due yet.
    /// - Returns: The ranges of the buffer that are not to be written, because they belong to tombstones.
    mutating func flushing(now: () -> NIODeadline) -> [Range<Int>] {
        var cuts: [Range<Int>] = []
        if hasUnwrittenTombstones {
            hasUnwrittenTombstones = false
            let removed = queue.removeTombstones(from: written)
            cuts = removed.cuts
            commands -= removed.commands
        }
        if written == 0, queue.count > 0 {
            lastStart = now()
            silenceReported = nil
            if let silenceLimit { alarm = min(alarm, lastStart + silenceLimit) }
        }
        written = queue.count
        return cuts
    }

    /// Turns the requests of cancelled tasks into tombstones.
    ///
    /// - Returns: The failed requests, and `true` if ``alarm`` was set to an earlier time.
    /// - Complexity: O(*n*) in the number of requests.
    mutating func cancelled(
        now: NIODeadline,
        where isCancelled: (Completion) -> Bool
    ) -> (failures: [Failure], isAlarmEarlier: Bool) {
        var failures: [Failure] = []
        for index in 0..<queue.count {
            guard let completion = queue[index].completion, isCancelled(completion) else { continue }
            let error = RedisError(.cancelled, abandon(index, now: now), message: "the task was cancelled")
            failures.append(Failure(completion: completion, error: error))
        }
        let stall = now + rules.stallLimit
        guard !failures.isEmpty, stall < alarm else { return (failures, false) }
        alarm = stall
        return (failures, true)
    }

    /// Turns a request into a tombstone.
    ///
    /// - Returns: The progress of the request.
    mutating func abandon(_ index: Int, now: NIODeadline) -> RedisError.Execution {
        queue[index].completion = nil
        queue[index].abandoned = now
        if index == 0 { replies = [] }
        live -= 1
        guard index < written else {
            hasUnwrittenTombstones = true
            return .notSent
        }
        return .unknown
    }
}

// MARK: - Replies

extension RedisConnectionStateMachine {
    /// The action for a reply.
    enum ReplyAction {
        /// Drop it: it belongs to a tombstone, or to a request with more commands.
        case drop
        /// Report that the connection is ready.
        case ready
        /// Pass it to the caller.
        case complete(Completion, RESPValue)
        /// End the connection.
        case end(RedisError)
    }

    /// Records that bytes came.
    mutating func received(now: NIODeadline) {
        lastSign = now
        silenceReported = nil
    }

    /// Matches a complete reply to the oldest request, or to the handshake.
    mutating func replied(_ reply: RESPValue) -> ReplyAction {
        switch state {
        case .ready, .draining: break
        case .authenticating(let answered, let until): return handshakeReplied(reply, answered, until)
        case .connecting: return .end(.unasked(reply))
        case .closed: return .drop
        }
        guard written > 0 else { return .end(.unasked(reply)) }
        if queue[0].commands > 1 { return repliedToOneOfSeveral(reply) }
        let completion = queue[0].completion
        queue.removeFirst()
        written -= 1
        commands -= 1
        guard let completion else { return .drop }
        live -= 1
        return .complete(completion, reply)
    }

    private mutating func repliedToOneOfSeveral(_ reply: RESPValue) -> ReplyAction {
        let request = queue[0]
        answered += 1
        if request.completion != nil { replies.append(reply) }
        guard answered == request.commands else { return .drop }
        let replies = exchange(&replies, with: [])
        answered = 0
        queue.removeFirst()
        written -= 1
        commands -= request.commands
        guard let completion = request.completion else { return .drop }
        live -= 1
        return .complete(completion, .array(replies))
    }

    /// Returns `true` if the connection is draining and no caller waits, so that it is to be closed.
    func isDrained() -> Bool {
        if case .draining = state { live == 0 } else { false }
    }
}

// MARK: - The end

extension RedisConnectionStateMachine {
    /// Begins to close the connection.
    ///
    /// - Returns: `true` if the connection is to be closed at once, because no caller waits.
    mutating func closeRequested() -> Bool {
        switch state {
        case .ready:
            state = .draining
            return live == 0
        case .connecting, .authenticating: return true
        case .draining, .closed: return false
        }
    }

    /// Records that the connection has ended.
    ///
    /// - Parameter error: The error for requests that were written.
    /// - Returns: The failed requests.
    mutating func ended(_ error: RedisError) -> [Failure] {
        if case .closed = state { return [] }
        state = .closed(error)
        var failures: [Failure] = []
        for offset in 0..<queue.count {
            guard let completion = queue[offset].completion else { continue }
            let execution: RedisError.Execution = offset < written ? .unknown : .notSent
            let error = RedisError(error.reason, execution, message: error.message)
            failures.append(Failure(completion: completion, error: error))
        }
        queue.removeAll()
        written = 0
        commands = 0
        live = 0
        alarm = .distantFuture
        return failures
    }
}
