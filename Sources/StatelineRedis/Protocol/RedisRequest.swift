internal import NIOCore

/// Commands that are sent together, in order, over one connection, and the rules for sending them again.
struct RedisRequest: Sendable {
    /// The connection to a node that a request uses.
    enum Lane: Hashable, Sendable {
        /// The connection that small requests share.
        case shared
        /// The connection for large replies, so that small requests do not wait behind them.
        case bulk
        /// The connection for writes that wait for replicas. The request's last command is `WAIT`, which is sent once
        /// after the writes of a group of requests.
        case replicated
    }

    /// The slot of the request's keys; `nil` if any node of a cluster may serve it.
    let slot: HashSlot?
    /// The connection to the node.
    let lane: Lane
    /// `true` if the request may be sent again although it may have been executed.
    let isRepeatable: Bool
    /// The number of commands that ``encode`` writes.
    let commands: Int
    /// The time that the server may block on purpose, as for `WAIT`.
    let serverTime: TimeAmount
    /// Writes the commands.
    ///
    /// It is called for each attempt.
    let encode: @Sendable (inout CommandEncoder) -> Void
    /// Reads the reply to the command at an index; returns `nil` if the reply belongs to another request.
    ///
    /// `nil` to take each reply as it is. The connection calls it once for each reply, and ends if it returns `nil`.
    let readReply: (@Sendable (_ reply: RESPValue, _ command: Int) -> RESPValue?)?

    /// Makes a request.
    init(
        slot: HashSlot?,
        lane: Lane = .shared,
        isRepeatable: Bool,
        commands: Int = 1,
        serverTime: TimeAmount = .zero,
        readReply: (@Sendable (_ reply: RESPValue, _ command: Int) -> RESPValue?)? = nil,
        encode: @escaping @Sendable (inout CommandEncoder) -> Void
    ) {
        self.slot = slot
        self.lane = lane
        self.isRepeatable = isRepeatable
        self.commands = commands
        self.serverTime = serverTime
        self.encode = encode
        self.readReply = readReply
    }

    /// Reads the replies to the request: one reply, or an array of one reply for each command.
    ///
    /// - Returns: The replies as ``readReply`` reads them; `nil` if one of them belongs to another request.
    func answer(in reply: RESPValue) -> RESPValue? {
        guard let readReply else { return reply }
        guard commands > 1 else { return readReply(reply, 0) }
        guard case .array(var replies) = reply, replies.count == commands else { return nil }
        for command in replies.indices {
            guard let answer = readReply(replies[command], command) else { return nil }
            replies[command] = answer
        }
        return .array(replies)
    }
}

/// One of the 16,384 parts into which a cluster divides its keys.
struct HashSlot: Hashable, Sendable {
    /// The slot's number.
    let rawValue: UInt16
}
