internal import NIOCore

/// The life of a connection, apart from clock, socket and threads.
///
/// Requests stand in one queue, in the order of their bytes: those that are written come first, those that wait in our
/// own buffer behind them. A reply belongs to the first. So nobody may leave the queue who was written: who gives up
/// leaves a tombstone, to which the reply still due is given, and its neighbours get theirs.
///
/// What a request learns when there is no reply depends on where it stood: one that was never written is `notSent`, any
/// other `unknown`.
struct RedisConnectionStateMachine<Completion>: ~Copyable {
    /// The rules of a connection.
    struct Rules {
        /// What to say before anything else.
        var handshake: [HandshakeCommand] = []
        /// How many commands may wait for their replies, tombstones included.
        var inFlightLimit = 65_536
        /// How long a connection may be idle before the server is asked for a sign of life; `nil` for never.
        var keepAlive: TimeAmount? = .seconds(30)
        /// How long a server may take for a sign of life, or leave a reply due that nobody waits for, without a byte.
        var stallLimit: TimeAmount = .seconds(10)
        /// How long a server may owe the oldest reply without a byte before the connection is reported as silent; `nil`
        /// for ever.
        var silenceLimit: TimeAmount?
    }

    /// Somebody who waited, and why there is nothing.
    struct Failure {
        /// Who waited.
        let completion: Completion
        /// What to tell.
        let error: RedisError
    }

    enum State {
        /// The socket, and TLS over it, are being made. Next: `authenticating`, `ready`, `closed`.
        case connecting(until: NIODeadline)
        /// So many of the handshake's commands have their reply. Next: `ready`, `closed`.
        case authenticating(answered: Int, until: NIODeadline)
        /// Requests are taken. Next: `draining`, `closed`.
        case ready
        /// Requests that were taken are answered; no more are taken. Next: `closed`.
        case draining
        /// Over, and why.
        case closed(RedisError)
    }

    let rules: Rules
    private(set) var state: State
    var queue = PendingQueue<Completion>()
    /// The replies that came to the first of the queue, if it has several, and how many: of a tombstone none is kept.
    private var replies: [RESPValue] = []
    private var answered = 0
    /// How many of the queue, from its head, were written.
    private(set) var written = 0
    /// How many commands are in the queue.
    var commands = 0
    /// How many of the queue are no tombstones.
    private(set) var live = 0
    /// Whether there are tombstones among those that were not written.
    private var hasUnwrittenTombstones = false
    /// No request's deadline is before this.
    var earliest = NIODeadline.distantFuture
    /// When the last byte came.
    private(set) var lastSign: NIODeadline
    /// When a request was last written while no reply was due.
    private(set) var lastStart: NIODeadline
    /// When the connection was last reported as silent.
    var silenceReported: NIODeadline?
    /// When ``timePassed(now:)`` is to be called.
    var alarm: NIODeadline

    /// Begins with a connection that is being made.
    init(rules: Rules, until deadline: NIODeadline, now: NIODeadline) {
        self.rules = rules
        self.state = .connecting(until: deadline)
        self.lastSign = now
        self.lastStart = now
        self.alarm = deadline
    }

    /// Whether requests are taken.
    var isReady: Bool { if case .ready = state { true } else { false } }
}

// MARK: - Becoming ready

extension RedisConnectionStateMachine {
    /// What to do with a connection that was made.
    enum ConnectAction: Equatable {
        /// Say this first.
        case authenticate([HandshakeCommand])
        /// Tell that it is ready.
        case ready
        /// It ended meanwhile.
        case nothing
    }

    /// The socket, and TLS over it, are made.
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
    /// Why a request of so many commands cannot be taken now; `nil` if it can.
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

    /// A request's bytes were put behind those that are to be written.
    ///
    /// - Returns: Whether ``alarm`` was set to an earlier time.
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

    /// A request's bytes were put behind those that are to be written, but it is not to be.
    mutating func enqueuedRefused(_ request: PendingRequest<Completion>) {
        var tombstone = request
        tombstone.completion = nil
        queue.append(tombstone)
        commands += request.commands
        hasUnwrittenTombstones = true
    }

    /// Takes what is to be written for written; ``alarm`` may be earlier afterwards.
    ///
    /// - Parameter now: The time, asked for only where no reply is due yet.
    /// - Returns: Which of its bytes are not to be written, from its beginning, because nobody waits for them any more.
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

    /// Looks for those who wait no more, because their task was cancelled.
    ///
    /// - Returns: Who they are and what to tell them, and whether ``alarm`` was set to an earlier time.
    /// - Complexity: O(*n*) in the number of requests that wait.
    mutating func cancelled(
        now: NIODeadline,
        where isCancelled: (Completion) -> Bool
    ) -> (failures: [Failure], isAlarmEarlier: Bool) {
        var failures: [Failure] = []
        for index in 0..<queue.count {
            guard let completion = queue[index].completion, isCancelled(completion) else { continue }
            let error = RedisError(.cancelled, bury(index, now: now), message: "the task was cancelled")
            failures.append(Failure(completion: completion, error: error))
        }
        let stall = now + rules.stallLimit
        guard !failures.isEmpty, stall < alarm else { return (failures, false) }
        alarm = stall
        return (failures, true)
    }

    /// Makes a tombstone.
    mutating func bury(_ index: Int, now: NIODeadline) -> RedisError.Execution {
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
    /// What to do with a reply.
    enum ReplyAction {
        /// Nobody waits for it, or for it alone.
        case drop
        /// Tell that the connection is ready.
        case ready
        /// Give it to who waits.
        case complete(Completion, RESPValue)
        /// End the connection.
        case end(RedisError)
    }

    /// Bytes came.
    mutating func received(now: NIODeadline) {
        lastSign = now
        silenceReported = nil
    }

    /// A reply is whole.
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

    /// All replies that came were told.
    ///
    /// - Returns: Whether nothing more is to come, so that the connection is to be closed.
    func isDrained() -> Bool {
        if case .draining = state { live == 0 } else { false }
    }
}

// MARK: - The end

extension RedisConnectionStateMachine {
    /// The owner wants it to end.
    ///
    /// - Returns: Whether it is to be closed at once, because nobody waits for anything.
    mutating func closeRequested() -> Bool {
        switch state {
        case .ready:
            state = .draining
            return live == 0
        case .connecting, .authenticating: return true
        case .draining, .closed: return false
        }
    }

    /// It has ended.
    ///
    /// - Parameter error: Why, as those are told who were sent.
    /// - Returns: Who waited.
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
