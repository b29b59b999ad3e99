internal import NIOCore

/// What knows which node serves a request, and sends it again where that helps.
protocol NodeRouter: RedisSender {
    /// How often and how long requests are sent again.
    var policy: RetryPolicy { get }
    /// Where what happens is counted.
    var counter: ClientCounter { get }
    /// How long one attempt on a lane may take beside what the server takes on purpose; `nil` for as long as the request
    /// may.
    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount?
    /// Who serves a slot as far as is known at once.
    func owner(of slot: HashSlot?) -> Node?
    /// Who is to be asked next.
    ///
    /// - Parameters:
    ///   - route: What the last attempt led to.
    ///   - slot: The slot of the request.
    ///   - last: Who was asked in the last attempt, and when.
    ///   - deadline: Until when.
    /// - Returns: The node.
    /// - Throws: ``RedisError`` where there is none.
    func node(
        _ route: RequestStateMachine.Route,
        slot: HashSlot?,
        last: (node: Node, began: NIODeadline)?,
        until deadline: NIODeadline
    ) async throws(RedisError) -> Node
    /// What a node's failure is here.
    func meaning(of error: RedisError) -> RedisError
}

extension NodeRouter {
    /// Sends a request to who serves it, and again where that is safe and may help.
    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        let began = NIODeadline.now()
        var outcome: Result<RESPValue, RedisError>?
        let node = owner(of: request.slot)
        if let node {
            do throws(RedisError) {
                let reply = try await node.send(request, until: limit(request, deadline, now: began))
                guard RequestProgress.isRefusal(reply, of: request) else { return reply }
                outcome = .success(reply)
            } catch {
                outcome = .failure(meaning(of: error))
            }
        }
        return try await resend(request, after: outcome, from: node, began: began, deadline: deadline)
    }

    private func resend(
        _ request: RedisRequest,
        after first: Result<RESPValue, RedisError>?,
        from node: Node?,
        began: NIODeadline,
        deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        var machine = RequestStateMachine(
            isRepeatable: request.isRepeatable,
            policy: policy,
            began: began,
            deadline: deadline
        )
        var generator = SystemRandomNumberGenerator()
        var progress = RequestProgress(request)
        var attempt = progress.attempt(asking: false)
        var last = node.map { (node: $0, began: began) }
        var outcome = first
        while true {
            let action: RequestStateMachine.Action
            switch outcome {
            case .success(let reply):
                progress.replied(reply, to: attempt)
                if progress.isPartial { machine.ranPartly() }
                guard let refusal = progress.refusal else { return progress.reply }
                action = machine.refused(refusal, now: .now(), using: &generator)
            case .failure(let error):
                action = machine.failed(error, now: .now(), using: &generator)
            case nil:
                action = .send(.refreshedOwner, after: .zero)
            }
            switch action {
            case .handOver: return progress.reply
            case .fail(let error): throw error
            case .send(let route, let pause):
                count(route, pause)
                do throws(RedisError) {
                    try await wait(pause)
                    let node = try await self.node(route, slot: request.slot, last: last, until: deadline)
                    if case .asking = route {
                        attempt = progress.attempt(asking: true)
                    } else {
                        attempt = progress.attempt(asking: false)
                    }
                    let now = NIODeadline.now()
                    last = (node, now)
                    outcome = .success(try await send(attempt, to: node, limit(request, deadline, now: now)))
                } catch {
                    outcome = .failure(error)
                }
            }
        }
    }

    private func send(
        _ attempt: RequestProgress.Attempt,
        to node: Node,
        _ deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        do throws(RedisError) {
            return try await node.send(attempt.request, until: deadline)
        } catch {
            throw meaning(of: error)
        }
    }

    /// Until when one attempt may go on: what cannot be repeated has one.
    private func limit(_ request: RedisRequest, _ deadline: NIODeadline, now: NIODeadline) -> NIODeadline {
        guard request.isRepeatable, let limit = attemptLimit(of: request.lane) else { return deadline }
        // Behind a group that waits for replicas a request waits for its own.
        let turns = request.lane == .replicated ? 2 : 1
        return min(deadline, now + limit + request.serverTime * turns)
    }

    private func wait(_ pause: TimeAmount) async throws(RedisError) {
        guard pause > .zero else { return }
        do {
            try await Task.sleep(for: .nanoseconds(pause.nanoseconds))
        } catch {
            throw .cancelledUnsent
        }
    }

    private func count(_ route: RequestStateMachine.Route, _ pause: TimeAmount) {
        switch route {
        case .moved: counter.count(\.moves)
        case .asking: counter.count(\.asks)
        case .owner, .refreshedOwner: if pause > .zero { counter.count(\.waits) }
        }
    }
}
