internal import NIOCore

/// How far a request of one or several commands has come: which of them the servers refused to execute so far.
///
/// While a slot moves, one of a session's keys may be on one node and the other on another, so that the commands of a
/// request are answered here and there. Each is sent on by itself: `ASKING` for a key that has not moved yet would find
/// nothing, and nobody could tell that from nothing. Commands on the replicated lane are bound to a connection by what
/// follows them, so there all from the first refused one on are sent again.
struct RequestProgress {
    /// What is sent next: these commands, and how.
    struct Attempt {
        /// The commands.
        let indices: [Int]
        /// Whether each is behind an `ASKING`, whose replies come first.
        let isAsking: Bool
        /// The request.
        let request: RedisRequest
    }

    private let request: RedisRequest
    private var replies: [RESPValue]
    private var open: [Int] = []

    /// Begins with a request that was not answered.
    init(_ request: RedisRequest) {
        self.request = request
        self.replies = Array(repeating: .null, count: request.commands)
        self.open = Array(0..<request.commands)
    }

    /// Whether a reply holds an error that somebody can do something about.
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

    /// The first error that somebody can do something about.
    var refusal: String? {
        open.lazy.compactMap { Self.refusal(in: replies[$0]) }.first
    }

    /// Whether some of the commands have an answer and some have not.
    var isPartial: Bool { !open.isEmpty && open.count < request.commands }

    /// What to tell the caller.
    var reply: RESPValue { request.commands == 1 ? replies[0] : .array(replies) }

    /// What is sent next: what was refused for the first one's reason, or all that has no answer.
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

    /// An attempt was answered.
    mutating func replied(_ reply: RESPValue, to attempt: Attempt) {
        var values: [RESPValue]
        if attempt.request.commands == 1 {
            values = [reply]
        } else if case .array(let replies) = reply, replies.count == attempt.request.commands {
            values = replies
        } else {
            preconditionFailure("a connection gave another number of replies")
        }
        if attempt.isAsking { values = stride(from: 1, to: values.count, by: 2).map { values[$0] } }
        for (index, value) in zip(attempt.indices, values) { replies[index] = value }
        let refused = replies.indices.filter { Self.refusal(in: replies[$0]) != nil }
        open = request.lane == .replicated ? refused.first.map { Array($0..<replies.count) } ?? [] : refused
    }
}
