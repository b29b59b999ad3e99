internal import NIOCore

/// A record of which commands of a request were answered, and which ones the servers refused to execute so far.
///
/// While a slot moves, a session's keys may be on two nodes, so that both answer some commands of a request. Only the
/// refused commands are sent again: `ASKING` for a key that has not moved would find nothing, which looks like an
/// absent key. Commands on the replicated lane are bound to a connection by the `WAIT` after them, so there all
/// commands from the first refused one on are sent again.
struct CommandProgress {
    /// The next attempt: the commands to send.
    struct Attempt {
        /// The indices of the commands.
        let indices: [Int]
        /// `true` if an `ASKING`, with a reply of its own, precedes each command.
        let isAsking: Bool
        /// The request.
        let request: RedisRequest
    }

    private let request: RedisRequest
    private var replies: [RESPValue]
    private var open: [Int] = []

    /// Makes the progress of a request without answers.
    init(_ request: RedisRequest) {
        self.request = request
        self.replies = Array(repeating: .null, count: request.commands)
        self.open = Array(0..<request.commands)
    }

    /// Returns `true` if a reply has an error for which there is a remedy.
    static func isRefusal(_ reply: RESPValue, of request: RedisRequest) -> Bool {
        switch reply {
        case .error(let text): RetryClass(serverError: text) != .no
        case .array(let replies) where request.commands > 1: replies.contains { refusal(in: $0) != nil }
        default: false
        }
    }

    private static func refusal(in reply: RESPValue) -> String? {
        guard case .error(let text) = reply, RetryClass(serverError: text) != .no else { return nil }
        return text
    }

    /// The first error for which there is a remedy.
    var refusal: String? {
        open.lazy.compactMap { Self.refusal(in: replies[$0]) }.first
    }

    /// The error with which the first command was answered.
    ///
    /// The commands after it only ask for details of the first one's effect.
    var error: String? {
        if case .error(let text)? = replies.first { text } else { nil }
    }

    /// `true` if some commands are answered and some are not.
    var isPartial: Bool { !open.isEmpty && open.count < request.commands }

    /// The reply for the caller.
    var reply: RESPValue { request.commands == 1 ? replies[0] : .array(replies) }

    /// Returns the next attempt: the commands that were refused for the same reason as the first, or all without an
    /// answer.
    func attempt(asking isAsking: Bool) -> Attempt {
        let reason = refusal.map { RetryClass(serverError: $0) }
        let indices =
            reason == nil || request.lane == .replicated
            ? open
            : open.filter { index in Self.refusal(in: replies[index]).map { RetryClass(serverError: $0) } == reason }
        return Attempt(
            indices: indices,
            isAsking: isAsking,
            request: request.part(indices, asking: isAsking)
        )
    }

    /// Records the replies to an attempt.
    mutating func replied(_ reply: RESPValue, to attempt: Attempt) {
        var values: [RESPValue]
        if attempt.request.commands == 1 {
            values = [reply]
        } else if case .array(let replies) = reply, replies.count == attempt.request.commands {
            values = replies
        } else {
            preconditionFailure("the connection must give one reply for each command")
        }
        if attempt.isAsking { values = stride(from: 1, to: values.count, by: 2).map { values[$0] } }
        for (index, value) in zip(attempt.indices, values) { replies[index] = value }
        let refused = replies.indices.filter { Self.refusal(in: replies[$0]) != nil }
        open = request.lane == .replicated ? refused.first.map { Array($0..<replies.count) } ?? [] : refused
    }
}
