public import NIOCore

/// Sessions that were recorded: lengths, what requests had in common, and times; no text.
///
/// ```swift
/// let trace = try Trace(file, agent: "main")
/// let workload = Workload.replaying(trace)
/// ```
public struct Trace: Sendable {
    /// A session of a trace.
    public struct Session: Hashable, Sendable {
        /// When it began after the trace's first one; `nil` where the trace does not say.
        public var arrival: Duration?
        /// Its calls, in order.
        public var turns: [PlannedTurn]
    }

    /// The sessions, in the order of the file.
    public let sessions: [Session]

    /// Makes a trace of its sessions.
    public init(sessions: [Session]) {
        self.sessions = sessions
    }

    /// How many calls there are.
    public var turnCount: Int { sessions.reduce(0) { $0 + $1.turns.count } }

    /// Reads a trace: rows of commas where the first line names columns, else an object of JSON a line.
    ///
    /// - Parameters:
    ///   - file: The file's bytes, not compressed.
    ///   - agent: Whose turns of a session are wanted, where the file tells agents apart; `nil` for each agent's as
    ///     sessions of their own.
    /// - Throws: ``TraceError`` with the line.
    /// - Complexity: O(*n*) in the size of the file.
    public init(_ file: ByteBuffer, agent: String? = "main") throws(TraceError) {
        let bytes = file.readableBytesView
        guard let first = bytes.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }) else {
            throw TraceError("it is empty")
        }
        guard bytes.first != 0x1F else { throw TraceError("it is still compressed") }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        sessions = first == UInt8(ascii: "{") ? try Self.readObjects(lines) : try Self.readRows(lines, agent: agent)
        guard !sessions.isEmpty else { throw TraceError("it has no session") }
    }
}

/// The turns of a session as a trace tells them, one after the other.
struct TracedSession {
    var arrival: Duration?
    private(set) var turns: [PlannedTurn] = []

    /// Adds a turn.
    ///
    /// - Parameters:
    ///   - turn: The turn, with the tokens in common as the trace counts them.
    ///   - slack: How many tokens less than the whole request before may be in common, for the trace's counting in blocks,
    ///     before that says that the history was rewritten.
    ///   - line: Where the trace says so.
    /// - Throws: What cannot be.
    mutating func add(_ turn: PlannedTurn, slack: Int, line: Int) throws(TraceError) {
        var turn = turn
        let common = turn.tracedCommonTokens ?? 0
        guard turn.requestTokens > 0 else { throw TraceError(line: line, "a request has at least one token") }
        guard common <= turn.requestTokens else {
            throw TraceError(line: line, "a request of \(turn.requestTokens) tokens cannot share \(common)")
        }
        if let last = turns.indices.last {
            let before = turns[last].requestTokens
            guard common <= before else {
                throw TraceError(line: line, "a request cannot share \(common) tokens with one of \(before)")
            }
            if before - common >= slack || turn.requestTokens <= before {
                turn.rewrite = .rewind
                turn.commonTokens = min(common, turn.requestTokens - 1)
            } else {
                // What the request grew by holds what was kept of the answer before, and a prompt of a token at least.
                turn.commonTokens = before
                turns[last].keptTokens = min(turns[last].answerTokens, turn.requestTokens - before - 1)
            }
        }
        turns.append(turn)
    }
}
