internal import NIOCore
internal import Stateline

/// A call of ``StoreScript``, and commands that follow it in the same request.
struct ScriptCall: Sendable {
    /// The operation.
    let operation: ScriptReply.Operation
    /// The keys.
    let keys: [String]
    /// Their slot.
    let slot: HashSlot
    /// The first argument, without the nonce.
    let parameters: ByteBuffer
    /// The second argument, without its frame; `nil` for none.
    var batch: ByteBuffer?
    /// The hint of an earlier call that stopped.
    var hint: ByteBuffer?
    /// Arguments after the hint.
    var rest: [ByteBuffer] = []
    /// The connection.
    var lane = RedisRequest.Lane.shared
    /// Commands that follow, in the same request.
    var following: [[String]] = []
    /// `true` if the call may be made again after an unknown outcome.
    var isRepeatable = true
    /// The time that those may block on purpose.
    var serverTime = TimeAmount.zero

    init(_ operation: ScriptReply.Operation, _ keys: StoredKeys..., parameters: ByteBuffer) {
        self.operation = operation
        self.keys = keys.flatMap { [$0.guardKey, $0.logKey] }
        self.slot = keys[0].slot
        self.parameters = parameters
    }

    /// Returns the request.
    ///
    /// - Parameters:
    ///   - nonce: The bytes with which the answer has to begin.
    ///   - isKnown: `true` to send the script's digest, `false` to send its text.
    /// - Returns: The request.
    func request(_ nonce: UInt64, isKnown: Bool) -> RedisRequest {
        RedisRequest(
            slot: slot,
            lane: lane,
            isRepeatable: isRepeatable,
            commands: 1 + following.count,
            serverTime: serverTime,
            readReply: { $1 == 0 ? Self.answer(in: $0, to: nonce, isKnown: isKnown) : $0 },
            encode: { encode(nonce, isKnown: isKnown, to: &$0) }
        )
    }

    private func encode(_ nonce: UInt64, isKnown: Bool, to encoder: inout CommandEncoder) {
        var first = ByteBufferAllocator().buffer(capacity: 9 + parameters.readableBytes)
        first.writeInteger(nonce)
        first.writeString(operation.rawValue)
        first.writeImmutableBuffer(parameters)
        // An argument that is missing needs a placeholder only if another one follows.
        let hasHint = hint != nil || !rest.isEmpty
        let hasBatch = batch != nil || hasHint
        encoder.command(4 + keys.count + (hasBatch ? 1 : 0) + (hasHint ? 1 : 0) + rest.count)
        encoder.argument(isKnown ? "EVALSHA" : "EVAL")
        encoder.argument(isKnown ? StoreScript.digest : StoreScript.text)
        encoder.argument(keys.count)
        for key in keys { encoder.argument(key) }
        encoder.argument(first)
        if let batch {
            encoder.argument(framed: batch)
        } else if hasBatch {
            encoder.argument("")
        }
        if hasHint { encoder.argument(hint ?? ByteBuffer()) }
        for argument in rest { encoder.argument(argument) }
        for command in following {
            encoder.command(command)
        }
    }

    /// Reads a script's answer, without its nonce; `nil` if it does not carry the nonce.
    ///
    /// A failure of a command within the script becomes the error that the server would have sent without a script, so
    /// that clients treat both alike. Errors of the server carry no nonce. But no server answers the text of a script
    /// by `NOSCRIPT`: that reply belongs to another request.
    private static func answer(in reply: RESPValue, to nonce: UInt64, isKnown: Bool) -> RESPValue? {
        switch reply {
        case .bytes(var answer):
            guard answer.readInteger(as: UInt64.self) == nonce else { return nil }
            guard answer.getInteger(at: answer.readerIndex, as: UInt8.self) == UInt8(ascii: "E") else {
                return .bytes(answer)
            }
            answer.moveReaderIndex(forwardBy: 1)
            return .error(String(buffer: answer))
        case .error(let text): return isKnown || !text.hasPrefix("NOSCRIPT") ? reply : nil
        case .status, .integer, .array, .null: return nil
        }
    }
}
