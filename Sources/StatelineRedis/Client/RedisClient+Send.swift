internal import NIOCore

extension RedisClient {
    /// Sends a request to the node that owns its slot, and again while that is safe and may help, until the deadline.
    ///
    /// This is the only loop below ``RedisStore`` that sends a request again.
    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        let began = NIODeadline.now()
        var outcome: Result<RESPValue, RedisError>?
        let node = owner(of: request.slot)
        if let node {
            do throws(RedisError) {
                let reply = try await node.send(request, until: limit(request, deadline, now: began))
                guard CommandProgress.isRefusal(reply, of: request) else { return reply }
                outcome = .success(reply)
            } catch {
                outcome = .failure(meaning(of: error))
            }
        }
        return try await sendAgain(request, after: outcome, from: node, began: began, deadline: deadline)
    }

    private func sendAgain(
        _ request: RedisRequest,
        after first: Result<RESPValue, RedisError>?,
        from node: Node?,
        began: NIODeadline,
        deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        var machine = RequestStateMachine(isRepeatable: request.isRepeatable, policy: policy, deadline: deadline)
        var generator = SystemRandomNumberGenerator()
        var progress = CommandProgress(request)
        var attempt = progress.attempt(asking: false)
        var last = node.map { (node: $0, began: began) }
        var outcome = first
        while true {
            let action: RequestStateMachine.Action
            switch outcome {
            case .success(let reply):
                progress.replied(reply, to: attempt)
                if progress.isPartial { machine.ranPartly() }
                guard let refusal = progress.refusal else {
                    if let error = progress.error.flatMap({ machine.answered($0) }) { throw error }
                    return progress.reply
                }
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
                note(route, after: outcome, progress.refusal, from: last?.node)
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
        _ attempt: CommandProgress.Attempt,
        to node: Node,
        _ deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        do throws(RedisError) {
            return try await node.send(attempt.request, until: deadline)
        } catch {
            throw meaning(of: error)
        }
    }

    /// Returns the end of one attempt.
    ///
    /// A request that cannot be repeated has one attempt, which lasts until its deadline.
    private func limit(_ request: RedisRequest, _ deadline: NIODeadline, now: NIODeadline) -> NIODeadline {
        guard request.isRepeatable, let limit = policy.attemptLimit(of: request.lane) else { return deadline }
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

    /// Counts and logs a further attempt.
    ///
    /// The attempt is the first one if the owner of the slot was not known.
    private func note(
        _ route: RequestStateMachine.Route,
        after outcome: Result<RESPValue, RedisError>?,
        _ refusal: String?,
        from node: Node?
    ) {
        guard let outcome, let node else { return }
        switch (route, outcome) {
        case (.moved(let target), _):
            node.counter.redirected(to: target.endpoint(asSeenFrom: node.endpoint), isMoved: true)
        case (.asking(let target), _):
            node.counter.redirected(to: target.endpoint(asSeenFrom: node.endpoint), isMoved: false)
        case (.owner, .failure(let error)), (.refreshedOwner, .failure(let error)):
            node.counter.sentAgain(after: error)
        case (.owner, .success), (.refreshedOwner, .success):
            node.counter.sentAgain(after: ServerMessage(refusal ?? "").error)
        }
    }
}

// MARK: - The topology

extension RedisClient {
    /// Returns the node that owns a slot, if it is known without a question to the servers.
    private func owner(of slot: HashSlot?) -> Node? {
        switch topology {
        case .server(let node), .sentinel(let node, _): node
        case .cluster(let directory): directory.owner(of: slot)
        }
    }

    /// Finds the node for the next attempt.
    ///
    /// - Parameters:
    ///   - route: The route that the last attempt led to.
    ///   - slot: The slot of the request.
    ///   - last: The node of the last attempt, and when that began.
    ///   - deadline: The request's deadline.
    /// - Returns: The node.
    /// - Throws: ``RedisError`` if there is no node.
    private func node(
        _ route: RequestStateMachine.Route,
        slot: HashSlot?,
        last: (node: Node, began: NIODeadline)?,
        until deadline: NIODeadline
    ) async throws(RedisError) -> Node {
        switch topology {
        case .server(let node):
            return node
        case .sentinel(let node, _):
            // A server that did not answer, or is no primary any more, serves again only if the sentinels name it
            // again.
            if case .refreshedOwner = route, let last { node.renew(madeBefore: last.began) }
            return node
        case .cluster(let directory):
            return try await directory.node(route, slot: slot, last: last, until: deadline)
        }
    }

    /// Reads a node's failure as one of the topology: the slots of an unreachable node have no owner until a failover.
    private func meaning(of error: RedisError) -> RedisError {
        guard case .cluster = topology, error.reason == .unreachable else { return error }
        return RedisError(.clusterDown, error.execution, message: error.message)
    }
}
