internal import NIOCore
internal import Stateline

extension RedisStore {
    /// Runs the script once.
    ///
    /// The store makes one attempt. The client below sends it again if that is safe, until the deadline.
    ///
    /// - Returns: The reply, which is not ``ScriptReply/walking(_:)``, and the replies to the commands that followed.
    /// - Throws: `StoreError`, which says if the operation may have taken effect.
    func run(_ call: ScriptCall, deadline: NIODeadline) async throws(StoreError) -> (ScriptReply, [RESPValue]) {
        var call = call
        while true {
            let (reply, replies) = try await send(call, deadline: deadline)
            switch reply {
            // The script stopped before it took too long, and continues from there.
            case .walking(let hint): call.hint = hint
            case .gone(.absent): return (.gone(try await absence(in: call.slot, until: deadline)), replies)
            default: return (reply, replies)
            }
        }
    }

    private func send(_ call: ScriptCall, deadline: NIODeadline) async throws(StoreError) -> (ScriptReply, [RESPValue])
    {
        do throws(RedisError) {
            do throws(RedisError) {
                return try await answer(to: call, isKnown: true, deadline: deadline)
            } catch  where error.reason == .refused(code: "NOSCRIPT") {
                do throws(RedisError) {
                    return try await answer(to: call, isKnown: false, deadline: deadline)
                } catch let second {
                    throw second.following(error)
                }
            }
        } catch {
            let maybeCommitted = error.isExecutionPossible && call.operation.isWrite
            throw StoreError(error, maybeCommitted: maybeCommitted)
        }
    }

    /// Sends the script's digest, or its text if the server does not know it.
    private func answer(
        to call: ScriptCall,
        isKnown: Bool,
        deadline: NIODeadline
    ) async throws(RedisError) -> (ScriptReply, [RESPValue]) {
        let request = call.request(nonce(), isKnown: isKnown)
        let reply = try await sender.send(request, deadline: deadline)
        let (first, replies) = reply.parts(of: request)
        switch first {
        case .bytes(let answer):
            guard let reply = ScriptReply(answer, to: call.operation) else { throw .malformedAnswer }
            return (reply, replies)
        case .error(let text): throw ServerMessage(text).error
        case .status, .integer, .array, .null, nil: throw .malformedAnswer
        }
    }
}

extension RESPValue {
    /// Returns the reply to the first command of a request, and those to the others.
    fileprivate func parts(of request: RedisRequest) -> (first: RESPValue?, others: [RESPValue]) {
        guard request.commands > 1 else { return (self, []) }
        guard case .array(let replies) = self, replies.count == request.commands else { return (nil, []) }
        return (replies[0], Array(replies.dropFirst()))
    }
}

extension RedisError {
    /// An answer that no script of this version gives.
    static var malformedAnswer: RedisError {
        RedisError(.protocolViolation, .unknown, message: "the script's answer is malformed")
    }

    /// `true` if the commands were executed or may have been.
    var isExecutionPossible: Bool { execution == .unknown || execution == .executed }

    /// Returns the same error, with the outcome unknown if that of an earlier attempt is.
    fileprivate func following(_ earlier: RedisError) -> RedisError {
        earlier.isExecutionPossible ? RedisError(reason, .unknown, message: message) : self
    }
}
