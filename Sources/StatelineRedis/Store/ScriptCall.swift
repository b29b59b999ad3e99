internal import NIOCore
internal import Stateline

/// A script with what it is given, and commands that follow it in the same request.
struct ScriptCall: Sendable {
    /// The script.
    let script: Script
    /// What it is asked for.
    let operation: Verdict.Operation
    /// The keys.
    let keys: [String]
    /// Their slot.
    let slot: HashSlot
    /// The first argument, without the nonce.
    let parameters: ByteBuffer
    /// The second argument and how it lies in the log; `nil` for none.
    var batch: (bytes: ByteBuffer, layout: LogLayout)?
    /// Where an earlier call stopped walking.
    var hint: ByteBuffer?
    /// Arguments after the hint.
    var rest: [ByteBuffer] = []
    /// Which connection.
    var lane = RedisRequest.Lane.shared
    /// Commands that follow, in the same request.
    var following: [[String]] = []
    /// How long those may take on purpose.
    var serverTime = TimeAmount.zero

    init(_ script: Script, _ operation: Verdict.Operation, _ keys: StoredKeys..., parameters: ByteBuffer) {
        self.script = script
        self.operation = operation
        self.keys = keys.flatMap { [$0.guardKey, $0.logKey] }
        self.slot = keys[0].slot
        self.parameters = parameters
    }

    /// The request.
    ///
    /// - Parameters:
    ///   - nonce: What the answer has to begin with.
    ///   - isKnown: Whether the server has seen the script.
    /// - Returns: The request.
    func request(_ nonce: UInt64, isKnown: Bool) -> RedisRequest {
        RedisRequest(
            slot: slot,
            lane: lane,
            isRepeatable: true,
            commands: 1 + following.count,
            serverTime: serverTime,
            isAnswer: { Self.isAnswer($0, to: nonce, isKnown: isKnown) },
            encode: { encode(nonce, isKnown: isKnown, to: &$0) }
        )
    }

    private func encode(_ nonce: UInt64, isKnown: Bool, to encoder: inout CommandEncoder) {
        var first = ByteBufferAllocator().buffer(capacity: 9 + parameters.readableBytes)
        first.writeInteger(nonce)
        first.writeString(operation.rawValue)
        first.writeImmutableBuffer(parameters)
        // Places are kept only where something follows them.
        let hasHint = hint != nil || !rest.isEmpty
        let hasBatch = batch != nil || hasHint
        encoder.command(4 + keys.count + (hasBatch ? 1 : 0) + (hasHint ? 1 : 0) + rest.count)
        encoder.argument(isKnown ? "EVALSHA" : "EVAL")
        encoder.argument(isKnown ? script.digest : script.text)
        encoder.argument(keys.count)
        for key in keys { encoder.argument(key) }
        encoder.argument(first)
        if let batch {
            batch.layout.write(batch.bytes, to: &encoder)
        } else if hasBatch {
            encoder.argument("")
        }
        if hasHint { encoder.argument(hint ?? ByteBuffer()) }
        for argument in rest { encoder.argument(argument) }
        for command in following {
            encoder.command(command)
        }
    }

    /// Whether a reply can be to a nonce: errors of the server's carry none.
    ///
    /// To a script's text no server says that it does not know the script: that is the reply to another request.
    private static func isAnswer(_ reply: RESPValue, to nonce: UInt64, isKnown: Bool) -> Bool {
        switch reply {
        case .bytes(let answer): answer.getInteger(at: answer.readerIndex, as: UInt64.self) == nonce
        case .array(let replies): replies.first.map { isAnswer($0, to: nonce, isKnown: isKnown) } ?? false
        case .error(let text): isKnown || !text.hasPrefix("NOSCRIPT")
        case .status, .integer, .null: false
        }
    }
}
