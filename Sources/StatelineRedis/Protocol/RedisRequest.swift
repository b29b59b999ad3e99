internal import NIOCore

/// Commands that are sent together, in order, over one connection, and the rules of sending them again.
struct RedisRequest: Sendable {
    /// Which connection to a node a request goes over.
    enum Lane: Hashable, Sendable {
        /// The one that small requests share.
        case shared
        /// One for large replies, so that nobody small waits behind them.
        case bulk
        /// One for writes that wait for replicas: the request's last command is `WAIT`, which is sent once behind the
        /// writes of all that came meanwhile.
        case replicated
    }

    /// Where in a cluster it must go: the slot of its keys; `nil` for any node.
    let slot: HashSlot?
    /// Which connection to that node.
    let lane: Lane
    /// Whether it may be sent again although it may have been executed.
    let isRepeatable: Bool
    /// How many commands `encode` writes.
    let commands: Int
    /// How long the server may take on purpose, as `WAIT` does.
    let serverTime: TimeAmount
    /// Writes the commands; called again for each attempt.
    let encode: @Sendable (inout CommandEncoder) -> Void
    /// Whether a reply can be to this request; `nil` where nothing tells.
    ///
    /// It is asked with what ``RedisSender/send(_:deadline:)`` would return. Where the reply is not, replies and requests
    /// are out of step: whoever reads replies ends the connection, and the request fails with
    /// ``RedisError/Reason/protocolViolation`` and ``RedisError/Execution/unknown``.
    let isAnswer: (@Sendable (RESPValue) -> Bool)?

    /// Describes a request.
    init(
        slot: HashSlot?,
        lane: Lane = .shared,
        isRepeatable: Bool,
        commands: Int = 1,
        serverTime: TimeAmount = .zero,
        isAnswer: (@Sendable (RESPValue) -> Bool)? = nil,
        encode: @escaping @Sendable (inout CommandEncoder) -> Void
    ) {
        self.slot = slot
        self.lane = lane
        self.isRepeatable = isRepeatable
        self.commands = commands
        self.serverTime = serverTime
        self.encode = encode
        self.isAnswer = isAnswer
    }
}

/// One of the 16,384 parts that a cluster's keys are divided into.
struct HashSlot: Hashable, Sendable {
    /// The slot's number.
    let rawValue: UInt16
}
