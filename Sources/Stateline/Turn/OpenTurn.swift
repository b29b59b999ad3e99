internal import Crypto
internal import NIOCore

/// The state of a turn between checkout and its end; owned by exactly one ``Turn`` and never shared.
///
/// It is a class for the sake of its `deinit`: a turn that is dropped gives its session back, and owes it the calls that
/// were made.
final class OpenTurn {
    let session: ModelSession
    let id: TurnID
    let base: Snapshot
    let options: GenerationOptions
    let isStreamed: Bool
    let stopwatch: Stopwatch

    var machine: TurnStateMachine
    /// The view with the draft's entries.
    var transcript: Transcript
    /// The view with the draft's entries, as the dialect sends it.
    var rendering: Rendering
    /// The newest request, this turn's or an earlier one's.
    var memory: RequestMemory?
    /// How many input tokens the request before had, where it is wholly in this one and the provider told.
    var previousTokens: Int?
    /// The next request, once it is made.
    var projected: ModelRequest?
    /// Reads the answer of the call that is under way.
    var parser: (any AnswerParser)?
    /// The digest of the answer's bytes so far.
    var answerHash = SHA256()
    var receivedBytes = 0
    /// When the call that is under way was made, and when its first byte came.
    var callStart: Duration = .zero
    var firstByte: Duration?
    /// Figures of the turn.
    var trace = TurnTrace()
    /// How many of the trace's round trips were attempts to commit.
    var commitRoundTrips = 0
    /// When the crossings began; empty where nobody is told of it.
    var crossingStarts: [Duration] = []
    /// Why the turn came to nothing, if it ends now.
    var failure: SessionError?
    /// What observers laid around the model's calls and the tools.
    let scopes: [any TurnScope]
    private var isEnded = false

    init(
        session: ModelSession,
        id: TurnID,
        checkout: SessionStateMachine.Checkout,
        opening entries: [Entry],
        options: GenerationOptions,
        isStreamed: Bool,
        stopwatch: Stopwatch
    ) {
        self.session = session
        self.id = id
        self.base = checkout.snapshot
        self.options = options
        self.isStreamed = isStreamed
        self.stopwatch = stopwatch
        self.scopes = Self.observe(id, of: session, stopwatch)
        self.machine = TurnStateMachine(
            draft: Draft(turn: id, base: checkout.snapshot.position, entries: entries)
        )
        self.transcript = checkout.snapshot.transcript
        self.rendering = checkout.snapshot.rendering
        self.memory = checkout.memory
        self.trace.cacheOutcome = checkout.cost.outcome
        self.trace.storeRoundTrips = checkout.cost.roundTrips
        self.trace.storeBytesRead = checkout.cost.bytesRead
        keep(entries)
    }

    deinit {
        guard !isEnded else { return }
        end(.abandoned, isRecorded: false)
        session.turnSettled(id)
    }

    /// Adds entries to the draft's view: encoded here, once.
    @discardableResult
    func keep(_ entries: [Entry]) -> ByteBuffer {
        transcript.append(contentsOf: entries)
        return rendering.append(entries[...])
    }

    /// Ends the turn without a commit, and records its calls before the handle is free for another turn.
    ///
    /// If the task is cancelled the store is not waited for: the boundary keeps the calls.
    func abandon(_ outcome: Crossing.Outcome) async {
        guard !isEnded else { return }
        let isRecorded = !Task.isCancelled
        if end(outcome, isRecorded: isRecorded), isRecorded { _ = await session.settle(isShielded: false) }
        session.turnSettled(id)
    }

    /// Ends the turn without a commit; the handle is not free yet.
    ///
    /// - Parameters:
    ///   - outcome: What becomes of a call that is under way.
    ///   - isRecorded: Whether the caller records the calls that the ledger lacks.
    /// - Returns: Whether the ledger lacks calls now.
    @discardableResult
    private func end(_ outcome: Crossing.Outcome, isRecorded: Bool) -> Bool {
        guard !isEnded else { return false }
        isEnded = true
        if isObserved { stopwatch.lap(machine.restingStage) }
        let settlement = machine.abandoned(outcome) { complete(&$0) }
        if case .record(let crossings) = settlement { trace.crossings = crossings }
        let owes = end(settlement, isFailing: false, isAnnounced: !isRecorded)
        observe(failure.map { .failed($0) } ?? .abandoned)
        return owes
    }

    /// Ends the turn after the commit failed, or without one; the handle is not free yet.
    ///
    /// - Parameters:
    ///   - settlement: What the ledger lacks.
    ///   - isFailing: Whether the store failed.
    ///   - isAnnounced: Whether the boundary's `run()` is to record it.
    /// - Returns: Whether the ledger lacks calls now.
    @discardableResult
    func end(_ settlement: TurnStateMachine.Settlement, isFailing: Bool, isAnnounced: Bool) -> Bool {
        isEnded = true
        memory?.cut(toBytes: base.rendering.dialect.opening.readableBytes + base.rendering.byteCount)
        session.turnEnded(id, memory: memory)
        guard case .record(let crossings) = settlement else { return false }
        session.boundary.keeper.owe(
            crossings,
            of: session.debtor,
            after: head(after: base),
            isFailing: isFailing,
            isAnnounced: isAnnounced
        )
        return true
    }

    /// The head of a snapshot, with the tools that the turn's calls declared.
    func head(after base: Snapshot) -> Head {
        var head = base.head
        if let tools = memory?.sent.tools { head.view.sentTools = tools }
        return head
    }

    /// Ends the turn with its batch in the store.
    func committed(as snapshot: Snapshot) {
        isEnded = true
        machine.committed()
        session.turnCommitted(id, as: snapshot, memory: memory)
    }

    /// The trace as it stands.
    func closedTrace() -> TurnTrace {
        var trace = trace
        trace.total = stopwatch.elapsed
        trace.stages = stopwatch.times
        return trace
    }
}
