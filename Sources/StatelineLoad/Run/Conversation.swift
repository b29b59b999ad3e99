internal import NIOCore
internal import Stateline

/// A session of a load, with a store or without one.
protocol Conversation: Sendable {
    /// Runs a turn.
    mutating func perform(_ turn: PlannedTurn) async throws -> TurnCost

    /// The session's whole state, as the whole-state baseline writes it.
    var state: ByteBuffer { get }

    /// The sessions that it made in the store, or may have made.
    var keys: [SessionKey] { get }

    /// The session and the position of its log; `nil` if there is none.
    var place: (key: SessionKey, position: Position)? { get }
}

/// A session over a store.
struct SessionConversation: Conversation {
    /// A revision whose view can be restored.
    private struct Mark {
        var revision: Revision
        /// The tokens of the view at the revision.
        var tokens: Int
    }

    let boundary: Boundary
    let key: SessionKey
    let model: PlannedModel
    /// `true` if each turn opens the session anew.
    let reopens: Bool
    private var text: ConversationText
    private var session: ModelSession?
    /// The revisions of the active view, newest last.
    private var marks: [Mark] = []
    private var forks = 0

    init(_ boundary: Boundary, _ key: SessionKey, number: Int, model: PlannedModel, reopens: Bool) {
        self.boundary = boundary
        self.key = key
        self.model = model
        self.reopens = reopens
        self.text = ConversationText(session: number)
    }

    var keys: [SessionKey] {
        [key] + (0..<forks).map { key.fork("\(key.id)-\($0 + 1)") }
    }

    var state: ByteBuffer { ByteBuffer(bytes: text.bytes(0..<(marks.last?.tokens ?? 0))) }

    var place: (key: SessionKey, position: Position)? { session.map { ($0.key, $0.snapshot.position) } }

    mutating func perform(_ turn: PlannedTurn) async throws -> TurnCost {
        do {
            return try await attempt(turn)
        } catch {
            // The log shows the outcome of the turn; the next turn sends what is missing.
            await recover()
            throw error
        }
    }

    private mutating func attempt(_ turn: PlannedTurn) async throws -> TurnCost {
        var session = try await open()
        if let rewrite = turn.rewrite {
            session = try await take(session, back: turn.commonTokens, by: rewrite)
        }
        let view = marks.last?.tokens ?? 0
        let request = max(turn.requestTokens, view + 1)
        let reply = PlannedModel.Reply(
            text: text.text(request..<request + turn.keptTokens),
            tokens: turn.answerTokens,
            time: turn.modelTime,
            toolCalls: turn.toolCalls
        )
        let prompt = text.text(view..<request)
        let response = try await PlannedModel.$reply.withValue(reply) { try await session.respond(to: prompt) }
        marks.append(Mark(revision: response.revision, tokens: request + turn.keptTokens))
        var cost = TurnCost(response.trace, tracedCommonTokens: turn.tracedCommonTokens)
        cost.historyTokens = view
        return cost
    }

    private mutating func open() async throws -> ModelSession {
        if let session, !reopens { return session }
        let key = session?.key ?? key
        let opened = try await boundary.session(key, model: model, tools: [PlannedTool()])
        if session == nil { marks = [Mark(revision: opened.snapshot.head.revision, tokens: 0)] }
        session = opened
        return opened
    }

    /// Takes the history back to the common prefix of two requests.
    private mutating func take(
        _ session: ModelSession,
        back common: Int,
        by rewrite: PlannedTurn.Rewrite
    ) async throws -> ModelSession {
        let place = marks.last { $0.tokens <= common } ?? marks[0]
        var session = session
        let revision: Revision
        switch rewrite {
        case .rewind: revision = try await session.rewind(to: place.revision).revision
        case .fork:
            forks += 1
            session = try await session.fork(at: place.revision, as: "\(key.id)-\(forks)")
            self.session = session
            revision = session.snapshot.head.revision
        }
        text.rewrite(from: common)
        marks.removeAll { $0.tokens > place.tokens }
        marks.append(Mark(revision: revision, tokens: place.tokens))
        return session
    }

    private mutating func recover() async {
        guard let session else { return }
        _ = try? await session.refresh()
        let snapshot = session.snapshot
        guard let last = marks.last, snapshot.head.revision > last.revision else { return }
        let bytes = snapshot.transcript.reduce(0) { $0 + $1.text.utf8.count }
        let tokens = bytes / Corpus.tokenBytes
        marks.removeAll { $0.tokens > tokens }
        marks.append(Mark(revision: snapshot.head.revision, tokens: tokens))
    }
}

/// A client without a store, which keeps the history and sends all of it each time.
struct StatelessConversation: Conversation {
    let model: PlannedModel
    private var text: ConversationText
    private var history = ByteBuffer()
    private var requestTokens = 0

    init(number: Int, model: PlannedModel) {
        self.model = model
        self.text = ConversationText(session: number)
    }

    var state: ByteBuffer { history }
    var keys: [SessionKey] { [] }
    var place: (key: SessionKey, position: Position)? { nil }

    mutating func perform(_ turn: PlannedTurn) async throws -> TurnCost {
        let start = Pacer.now
        var common = requestTokens
        if turn.rewrite != nil {
            common = min(turn.commonTokens, requestTokens)
            text.rewrite(from: common)
            history.moveWriterIndex(to: common * Corpus.tokenBytes)
        }
        let view = history.readableBytes / Corpus.tokenBytes
        let request = max(turn.requestTokens, view + 1)
        history.writeBytes(text.bytes(view..<request))
        // The body is a copy, as a client makes one of its whole history.
        let body = ByteBuffer(bytes: history.readableBytesView)
        requestTokens = body.readableBytes / Corpus.tokenBytes
        let sent = Pacer.now
        try await model.work(turn.modelTime)
        let answered = Pacer.now
        history.writeBytes(text.bytes(request..<request + turn.keptTokens))
        var cost = TurnCost()
        cost.traffic.calls = 1
        cost.traffic.sentTokens = requestTokens
        cost.traffic.newTokens = requestTokens - common
        cost.traffic.newTokensBlocks = requestTokens - (turn.tracedCommonTokens ?? common.wholeBlocks)
        cost.traffic.sentBytes = body.readableBytes
        cost.traffic.newBytes = body.readableBytes - common * Corpus.tokenBytes
        let end = Pacer.now
        cost.historyTokens = view
        cost.stages[.project] = sent - start
        cost.stages[.firstByte] = answered - sent
        cost.stages[.fold] = end - answered
        cost.total = end - start
        cost.overhead = cost.total - (answered - sent)
        return cost
    }
}
