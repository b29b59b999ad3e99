internal import NIOConcurrencyHelpers
internal import NIOCore

/// A connection for requests that wait for replicas, sent in groups with one `WAIT` after all writes of a group.
///
/// `WAIT` blocks the connection and answers for everything that was written over it. So the first request begins a
/// group, and all requests that come while it is under way form the next one. A frozen replica delays each commit by at
/// most two times the timeout for replicas: the rest of the group before, and its own group.
final class ReplicatedConnectionSlot: Sendable {
    private struct State {
        var waiting: [Member] = []
        /// `true` while a group is being sent.
        var isBusy = false
        var work: EventLoopFuture<Void>?
    }

    /// The connection.
    let slot: ConnectionSlot
    private let endpoint: RedisEndpoint?
    private let waitingLimit: Int
    private let counter: ClientCounter
    private let state = NIOLockedValueBox(State())

    /// Makes a slot without a connection.
    ///
    /// - Parameters:
    ///   - slot: The connection.
    ///   - endpoint: The server that a failure to connect names; `nil` if it is not one server.
    ///   - waitingLimit: The maximum number of requests that wait for the next group.
    ///   - counter: Counts refused requests.
    init(_ slot: ConnectionSlot, to endpoint: RedisEndpoint?, waitingLimit: Int, counter: ClientCounter) {
        self.slot = slot
        self.endpoint = endpoint
        self.waitingLimit = waitingLimit
        self.counter = counter
    }

    /// The number of requests that wait for the next group, or for a connection.
    var waitingRequests: Int { state.withLockedValue(\.waiting.count) + slot.waitingRequests }

    /// Sends a request with the next group.
    ///
    /// - Parameters:
    ///   - request: A write and `WAIT`, which is sent once for all of a group with the same `WAIT`; any other request
    ///     is sent alone.
    ///   - deadline: The time after which the request fails.
    /// - Returns: The replies to the request's commands.
    /// - Throws: ``RedisError``, with nothing sent if the request was still waiting for its group.
    func send(_ request: RedisRequest, until deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        let member = Member(request, deadline)
        guard enqueue(member) else {
            counter.overloaded()
            throw .tooManyWait
        }
        let overdue = RedisError(.timedOut, .notSent, message: "the server did not reply before the deadline")
        do throws(RedisError) {
            return try await member.waiter.value(until: deadline, on: slot.loop, overdue: overdue)
        } catch {
            guard [.timedOut, .cancelled].contains(error.reason), !withdraw(member) else { throw error }
            // The request was sent with its group, which continues without it.
            throw RedisError(error.reason, .unknown, message: error.message)
        }
    }

    /// Adds a request to the next group, and begins that if none is under way.
    private func enqueue(_ member: Member) -> Bool {
        let (isTaken, work) = state.withLockedValue { state -> (Bool, EventLoopPromise<Void>?) in
            guard state.waiting.count < waitingLimit else { return (false, nil) }
            state.waiting.append(member)
            guard !state.isBusy else { return (true, nil) }
            state.isBusy = true
            let work = slot.loop.makePromise(of: Void.self)
            state.work = work.futureResult
            return (true, work)
        }
        if let work { slot.loop.makeFutureWithTask { await self.sendGroups() }.cascade(to: work) }
        return isTaken
    }

    /// Removes a request that no group has taken yet.
    private func withdraw(_ member: Member) -> Bool {
        state.withLockedValue { state in
            guard let index = state.waiting.firstIndex(where: { $0 === member }) else { return false }
            state.waiting.remove(at: index)
            return true
        }
    }

    /// Sends groups until no request waits.
    private func sendGroups() async {
        while let deadline = nextDeadline() {
            do throws(RedisError) {
                let connection = try await slot.connection(until: deadline)
                let group = takeGroup()
                guard !group.isEmpty else { continue }
                await send(group, over: connection)
            } catch {
                let error = endpoint.map { error.asConnectFailure(to: $0) } ?? error
                for member in takeAll() { member.waiter.finish(.failure(error)) }
            }
        }
    }

    private func nextDeadline() -> NIODeadline? {
        state.withLockedValue { state in
            let deadline = state.waiting.map(\.deadline).max()
            if deadline == nil { state.isBusy = false }
            return deadline
        }
    }

    private func takeAll() -> [Member] {
        state.withLockedValue { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Takes the first request that waits, and those that can go with it.
    private func takeGroup() -> [Member] {
        state.withLockedValue { state in
            guard let first = state.waiting.first else { return [] }
            guard let question = first.question else { return [state.waiting.removeFirst()] }
            let group = state.waiting.filter { $0.question == question }
            state.waiting.removeAll { $0.question == question }
            return group
        }
    }

    private func send(_ group: [Member], over connection: RedisConnection) async {
        let deadline = group.map(\.deadline).max() ?? .now()
        do throws(RedisError) {
            guard group[0].question != nil else {
                let reply = try await connection.send(group[0].request, deadline: deadline)
                group[0].waiter.finish(.success(reply))
                return
            }
            let reply = try await connection.send(Member.request(of: group), deadline: deadline)
            guard case .array(let replies) = reply, replies.count == group.count + 1 else {
                throw .unasked(reply)
            }
            for (member, reply) in zip(group, replies) {
                member.waiter.finish(.success(.array([reply, replies[group.count]])))
            }
        } catch {
            // Replies that are still due would delay the next group.
            if connection.isOpen, connection.pendingCommands > 0 { slot.renew(madeBefore: .distantFuture) }
            for member in group {
                if error.reason == .overloaded { counter.overloaded() }
                member.waiter.finish(.failure(error))
            }
        }
    }

    /// Accepts no more requests.
    ///
    /// Those that were sent are answered.
    func beginClose() {
        slot.beginClose()
    }

    /// Accepts no more requests, and returns when the connection and the last group have ended.
    func close() async {
        await slot.close()
        try? await state.withLockedValue(\.work)?.get()
    }
}

/// A request that waits for its group.
private final class Member: Sendable {
    let request: RedisRequest
    let deadline: NIODeadline
    let waiter = Waiter<RESPValue>()
    /// The request's last command, encoded, which a group sends once; `nil` for a request that is sent alone.
    let question: ByteBuffer?

    init(_ request: RedisRequest, _ deadline: NIODeadline) {
        self.request = request
        self.deadline = deadline
        guard request.commands == 2 else {
            question = nil
            return
        }
        var encoder = CommandEncoder()
        request.part([1], asking: false).encode(&encoder)
        question = encoder.buffer
    }

    /// Returns a request of a group's writes and one question after them.
    static func request(of group: [Member]) -> RedisRequest {
        let members = group.map(\.request)
        let writes = members.map { $0.part([0], asking: false) }
        let question = members[0].part([1], asking: false)
        return RedisRequest(
            slot: members[0].slot,
            lane: .replicated,
            isRepeatable: members.allSatisfy(\.isRepeatable),
            commands: group.count + 1,
            serverTime: members.map(\.serverTime).max() ?? .zero,
            readReply: { reply, command in
                guard command < members.count, let readReply = members[command].readReply else { return reply }
                return readReply(reply, 0)
            },
            encode: { encoder in
                for write in writes { write.encode(&encoder) }
                question.encode(&encoder)
            }
        )
    }
}
