internal import NIOCore
internal import Stateline

extension RedisStore {
    /// Runs a script until it has answered, or until the deadline.
    ///
    /// It is sent again where nobody can say whether it was executed: all scripts are safe to run again.
    ///
    /// - Returns: The verdict, which is none of ``Verdict/walking(_:)`` and ``Verdict/failed(_:)``, and the replies to the
    ///   commands that followed.
    /// - Throws: ``StoreError`` where there is no verdict.
    func run(_ call: ScriptCall, deadline: NIODeadline) async throws(StoreError) -> (Verdict, [RESPValue]) {
        var call = call
        var outcome = Outcome()
        while true {
            do throws(RedisError) {
                let (verdict, replies) = try await exchange(call, deadline: deadline)
                switch verdict {
                case .walking(let hint): call.hint = hint
                case .gone(.absent): return (.gone(try await absence(in: call.slot, until: deadline)), replies)
                default: return (verdict, replies)
                }
                continue
            } catch {
                let isWorthAnother = outcome.isWorthAnother(after: error)
                guard isWorthAnother, NIODeadline.now() < deadline, !Task.isCancelled else {
                    // A load has nothing that could have taken effect.
                    throw StoreError(error, mayBeCommitted: outcome.mayBeExecuted && call.operation != .load)
                }
            }
            await outcome.pause(until: deadline)
        }
    }

    /// Sends a script once, and its text where the server does not know it.
    private func exchange(
        _ call: ScriptCall,
        deadline: NIODeadline
    ) async throws(RedisError) -> (Verdict, [RESPValue]) {
        var isKnown = true
        while true {
            let request = call.request(nonce(), isKnown: isKnown)
            let reply = try await sender.send(request, deadline: deadline)
            guard request.isAnswer?(reply) != false else { throw .outOfStep }
            let (first, replies) = reply.parts(of: request)
            switch first {
            case .bytes(var answer):
                answer.moveReaderIndex(forwardBy: 8)
                guard let verdict = Verdict(answer, to: call.operation) else { throw .outOfStep }
                if case .failed(let text) = verdict { throw ServerMessage(text).error }
                return (verdict, replies)
            case .error(let text):
                let message = ServerMessage(text)
                guard message.code == "NOSCRIPT", isKnown else { throw message.error }
                isKnown = false
            case .status, .integer, .array, .null, nil: throw .outOfStep
            }
        }
    }
}

extension RESPValue {
    /// The reply to the first command of a request, and those to the others.
    fileprivate func parts(of request: RedisRequest) -> (first: RESPValue?, others: [RESPValue]) {
        guard request.commands > 1 else { return (self, []) }
        guard case .array(let replies) = self, replies.count == request.commands else { return (nil, []) }
        return (replies[0], Array(replies.dropFirst()))
    }
}

/// What is known of a request that was perhaps sent several times.
private struct Outcome {
    /// Whether an attempt may have been executed.
    private(set) var mayBeExecuted = false
    private var attempts = 0

    /// Whether to send the request again.
    mutating func isWorthAnother(after error: RedisError) -> Bool {
        attempts += 1
        if error.execution == .unknown || error.execution == .executed { mayBeExecuted = true }
        switch error.reason {
        case .cancelled, .timedOut: return false
        case .refused(code: "TRYAGAIN"): return true
        default: return mayBeExecuted
        }
    }

    /// Waits a little, and longer each time, so that a server that is in trouble is left in peace.
    func pause(until deadline: NIODeadline) async {
        let step = Duration.milliseconds(1 << min(attempts, 8))
        let limit = min(step * Double.random(in: 0.5...1), Duration(deadline - .now()))
        try? await Task.sleep(for: max(limit, .zero))
    }
}
