internal import NIOCore
internal import NIOConcurrencyHelpers

/// A handle on a session: the model to ask, the tools it may call, and the known history.
///
/// The store is the record; a handle remembers a snapshot. Several handles, in several processes, may hold the same
/// session: each commit is compared with the store's log, and one that comes too late is refused with its draft. One
/// handle has one turn at a time.
public final class ModelSession: Sendable {
    let boundary: Boundary
    let model: any LanguageModel
    let toolbox: Toolbox
    /// The tools as requests declare them.
    let tools: ToolDeclaration
    let configuration: SessionConfiguration
    /// The bytes to a token that providers have counted; `nil` without a context window.
    let meter: TokenMeter?
    /// The state that the session's handles in this process share; `nil` if the cache is all of it.
    let shared: SharedSession?
    /// The queue of the session's turns; `nil` if turns do not wait for each other.
    let gate: TurnGate?
    private let handle: NIOLockedValueBox<HandleState>

    /// The session's name.
    public let key: SessionKey

    init(
        boundary: Boundary,
        shared: SharedSession?,
        snapshot: Snapshot,
        cost: StoreCost = StoreCost(),
        model: any LanguageModel,
        toolbox: Toolbox,
        configuration: SessionConfiguration
    ) {
        self.boundary = boundary
        self.shared = shared
        self.gate = shared?.gate
        self.model = model
        self.toolbox = toolbox
        self.tools = ToolDeclaration(toolbox.definitions, dialect: model.dialect)
        self.configuration = configuration
        self.meter = configuration.contextWindow == nil ? nil : TokenMeter()
        self.key = snapshot.key
        self.handle = NIOLockedValueBox(HandleState(snapshot: snapshot, cost: cost))
    }

    /// Reads or changes the handle's state, under its lock.
    func withState<Value>(_ body: (inout HandleState) -> Value) -> Value { handle.withLockedValue { body(&$0) } }

    /// The newest snapshot that the handle knows: head, transcript and position.
    ///
    /// - Complexity: O(1).
    public var snapshot: Snapshot { withState { $0.snapshot } }

    /// The active view of ``snapshot``.
    public var transcript: Transcript { snapshot.transcript }

    /// `true` if a turn, a rewind or the commit of a draft is under way on this handle.
    public var isResponding: Bool { withState { $0.turn != nil } }

    /// Begins a turn.
    ///
    /// If the boundary has a cache, the turn begins with the cached session, which is validated as the cache is
    /// configured to and loaded if it is absent. Else the turn begins with the newest snapshot of the boundary's
    /// handles, without a round trip. If a commit of this handle met batches of another process, the store is asked
    /// before the next turns begin, until 16 of them in a row have found nothing new. If another process may write
    /// first, call ``refresh()`` before.
    ///
    /// If the store gave no answer when it was last asked, or did not take a batch of the session, it is asked before the
    /// turn begins. So a store that is known to be down fails the turn before it pays for a call.
    ///
    /// If the boundary enqueues turns, the turn waits first for the earlier turns of the session's other handles.
    ///
    /// - Parameters:
    ///   - prompt: The user's prompt.
    ///   - options: The options of generation; ``settings`` and then ``SessionConfiguration/options`` are those that
    ///     they leave open.
    ///   - isStreamed: `true` to request answers in pieces.
    /// - Returns: The turn, which only the caller owns.
    /// - Throws: ``SessionError/concurrentRequests``, ``SessionError/tooManyWaitingTurns(_:limit:)``,
    ///   ``SessionError/emptyPrompt``, ``SessionError/invalidOptions(_:)`` or ``SessionError/openToolCalls(_:draft:)``; if the store is asked: gone, regressed,
    ///   store, corruptLog, unreadableLog or cancelled.
    /// - Complexity: O(*k*) in the size of the prompt and of the loaded batches, whatever the size of the history.
    public func checkout(
        _ prompt: Prompt,
        options: GenerationOptions = GenerationOptions(),
        isStreamed: Bool = false
    ) async throws(SessionError) -> Turn {
        switch try await begin(.prompt(prompt, key: nil), options: options, isStreamed: isStreamed) {
        case .turn(let turn): return turn
        case .answered:
            throw .turnMisused("the open turn took the prompt in and answered it; use respond(to:) to steer")
        }
    }

    /// Returns a turn's options with those of the session and of the configuration for what they leave open.
    func merged(
        _ options: GenerationOptions,
        _ settings: SessionSettings? = nil
    ) throws(SessionError) -> GenerationOptions {
        let own = settings.map { options.merging($0.options) } ?? options
        let merged = own.merging(configuration.options)
        if let fault = merged.fault(with: toolbox.definitions) { throw .invalidOptions(fault) }
        return merged
    }

    /// Records the session's unrecorded calls, and resolves the unknown outcomes of batches.
    ///
    /// The turn begins after the committed batches. If the store still fails, the turn does not begin, so that it
    /// does not pay for a call whose answer cannot be committed.
    func clear(
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) {
        let (failure, cost) = await flushLedger(until: boundary.now() + configuration.recordTimeout, isShielded: true)
        checkout.cost += cost
        stopwatch.lap(.storeCommit)
        if let failure { throw failure }
        checkout.hasAsked = cost.roundTrips > 0
        withState { $0.reread(&checkout) }
    }

    /// Takes the session from the cache, which loads it if it has to.
    func bringUpToDate(
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) {
        var cost = StoreCost()
        defer {
            stopwatch.lap(.cacheLookup, apartFrom: StageTimes(cost))
            checkout.cost += cost
        }
        let found = try await boundary.log.snapshot(key, for: model.dialect, after: checkout.snapshot, cost: &cost)
        if cost.roundTrips > 0 { checkout.hasAsked = true }
        guard let newest = found else { throw .gone(key, .absent) }
        guard newest.position.incarnation == checkout.snapshot.position.incarnation else { throw .regressed(key) }
        advance(&checkout, to: newest)
    }

    func advance(_ checkout: inout HandleState.Checkout, to newest: Snapshot) {
        withState { state in
            state.advanced(to: newest, isOwn: false)
            state.reread(&checkout)
        }
    }

    /// Returns `true` if the store has to be asked before the turn: other processes write to the session, or the store gave
    /// no answer before.
    func wantsLook(_ checkout: HandleState.Checkout) -> Bool {
        (checkout.wantsLook || boundary.log.health.isSuspect) && !checkout.hasAsked
    }

    /// Asks the store for newer batches.
    func look(
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) {
        var cost = StoreCost()
        defer {
            stopwatch.lap(.cacheLookup, apartFrom: StageTimes(cost))
            checkout.cost += cost
        }
        let newest = try await boundary.log.refreshed(checkout.snapshot, cost: &cost)
        let hasNews = newest.position != checkout.snapshot.position
        if hasNews { advance(to: newest, isOwn: false) }
        withState { state in
            state.looked(foundNews: hasNews)
            state.reread(&checkout)
        }
    }
}

extension ModelSession {
    /// Changes the session other than by a turn: alone on the handle, and in the order of the session's turns.
    ///
    /// No turn of the handle begins, and pays for a call, on a view that the change is about to replace. If the boundary
    /// enqueues turns, no turn of another handle does either.
    ///
    /// - Throws: ``SessionError``: concurrentRequests, tooManyWaitingTurns, cancelled, or what the closure throws.
    func change<Value>(_ body: () async throws(SessionError) -> Value) async throws(SessionError) -> Value {
        let id = TurnID.random()
        guard withState({ $0.changeStarted(id) }) else { throw .concurrentRequests }
        defer { turnSettled(id) }
        try await gate?.enter(id)
        if let newer = shared?.newer(than: snapshot) { advance(to: newer, isOwn: false) }
        return try await body()
    }

    func advance(to snapshot: Snapshot, isOwn: Bool) {
        withState { $0.advanced(to: snapshot, isOwn: isOwn) }
        shared?.learn(snapshot)
        boundary.log.learned(snapshot)
    }
}
