public import NIOCore

/// Recorded sessions: lengths, common prefixes of requests, and times, without text.
///
/// ```swift
/// let trace = try Trace(file, agent: "main")
/// let workload = Workload.replaying(trace)
/// ```
public struct Trace: Sendable {
    /// A session of a trace.
    public struct Session: Hashable, Sendable {
        /// The session's beginning after that of the trace's first session; `nil` if it was not recorded.
        public var arrival: Duration?
        /// The turns, in order.
        public var turns: [PlannedTurn]
    }

    /// The sessions, in the order of the file.
    public let sessions: [Session]

    /// Makes a trace from sessions.
    public init(sessions: [Session]) {
        self.sessions = sessions
    }

    /// The number of turns.
    public var turnCount: Int { sessions.reduce(0) { $0 + $1.turns.count } }

    /// Reads a trace: comma-separated rows if the first line names columns, else one JSON object a line.
    ///
    /// - Parameters:
    ///   - file: The file's bytes, not compressed.
    ///   - agent: The agent whose turns are wanted, if the file names agents; `nil` for the turns of each agent as a
    ///     session of their own.
    /// - Throws: ``TraceError`` with the line.
    /// - Complexity: O(*n*) in the size of the file.
    public init(_ file: ByteBuffer, agent: String? = "main") throws(TraceError) {
        let bytes = file.readableBytesView
        guard let first = bytes.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }) else {
            throw TraceError("the file is empty")
        }
        guard bytes.first != 0x1F else { throw TraceError("the file is compressed; decompress it first") }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        sessions = first == UInt8(ascii: "{") ? try Self.readObjects(lines) : try Self.readRows(lines, agent: agent)
        guard !sessions.isEmpty else { throw TraceError("it has no sessions, or none of the requested agent") }
    }
}

/// The turns of a session while a trace is read.
struct TracedSession {
    var arrival: Duration?
    private(set) var turns: [PlannedTurn] = []

    /// Adds a turn.
    ///
    /// - Parameters:
    ///   - turn: The turn, with the common tokens as the trace counts them.
    ///   - slack: The number of common tokens that may be missing before the history counts as rewritten, because the
    ///     trace counts in blocks.
    ///   - line: The line of the trace.
    /// - Throws: ``TraceError`` if the turn is impossible.
    mutating func add(_ turn: PlannedTurn, slack: Int, line: Int) throws(TraceError) {
        var turn = turn
        let common = turn.tracedCommonTokens ?? 0
        guard turn.requestTokens > 0 else { throw TraceError(line: line, "a request has at least one token") }
        guard common <= turn.requestTokens else {
            throw TraceError(line: line, "a request of \(turn.requestTokens) tokens cannot share \(common) of them")
        }
        if let last = turns.indices.last {
            let before = turns[last].requestTokens
            guard common <= before else {
                throw TraceError(line: line, "a request cannot share \(common) tokens with a previous one of \(before)")
            }
            if before - common >= slack || turn.requestTokens <= before {
                turn.rewrite = .rewind
                turn.commonTokens = min(common, turn.requestTokens - 1)
            } else {
                // The growth of the request holds the kept part of the previous answer, and a prompt of at least one
                // token.
                turn.commonTokens = before
                turns[last].keptTokens = min(turns[last].answerTokens, turn.requestTokens - before - 1)
            }
        }
        turns.append(turn)
    }
}
