internal import NIOCore

/// The line between stateful sessions and stateless model calls: a store on one side, models on the other.
///
/// One for a process is enough; it is a value and cheap to copy.
///
/// ```swift
/// let boundary = Boundary(store: MemoryStore())
/// let session = try await boundary.session(SessionKey("thread-42"), model: model, instructions: "Be brief.")
/// let answer = try await session.respond(to: "And tomorrow?")
/// ```
public struct Boundary: Sendable {
    /// The way in which a session is opened.
    public enum Opening: Hashable, Sendable {
        /// Continue the session; create it if it is absent, but not if it expired or was deleted.
        case resumeOrCreate
        /// Create the session; ``SessionError/alreadyExists(_:)`` if it exists.
        case create
        /// Continue the session; ``SessionError/gone(_:_:)`` if it is absent.
        case resume
    }

    /// The door to the store and its cache.
    package let log: SessionLog
    let clock: any Clock<Duration>
    let now: @Sendable () -> Duration
    let timestamp: @Sendable () -> Timestamp
    /// The observers of turns.
    let observers: [any TurnObserver]
    /// The state that this boundary's handles of one session share; `nil` if the cache is all of it.
    let directory: SessionDirectory?
    /// The calls that ledgers lack.
    let unrecorded: UnrecordedCallRegister
    /// The open turns of this process, and the signs of life of others.
    let openTurns = OpenTurnRegister()

    /// Makes a boundary.
    ///
    /// - Parameters:
    ///   - store: The store of the sessions.
    ///   - cache: The cache of the store's sessions, which no other store uses; `nil` for none. Each handle keeps its own
    ///     snapshot then, and shares it with the session's other handles of this boundary.
    ///   - keys: The source of the key rings under which sessions are encrypted; `nil` for none.
    ///   - concurrency: The order of turns that begin on different handles of one session at the same time. By default
    ///     they do not wait for each other; a server that opens a handle for each request wants
    ///     ``TurnConcurrency/enqueue(limit:)``. Copies of the boundary share its queues.
    ///   - observers: The observers of each turn's beginning and end; none by default, which costs nothing.
    ///   - unrecordedCallLimit: The maximum number of calls that this process keeps because their ledger lacks them; further
    ///     ones are dropped and counted. A call takes about 300 bytes.
    ///   - clock: The clock of stages, timeouts and tools; it is monotonic.
    ///   - timestamp: The time of day that batches are stamped with, for people; order never depends on it.
    public init(
        store: any SessionStore,
        cache: (any SessionCache)? = nil,
        keys: (any KeyRingProvider)? = nil,
        concurrency: TurnConcurrency = .optimistic,
        observers: [any TurnObserver] = [],
        unrecordedCallLimit: Int = 4096,
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.clock = clock
        self.log = SessionLog(store: store, cache: cache, keys: keys, clock: clock)
        self.now = log.now
        self.timestamp = timestamp
        self.observers = observers
        let waitingTurnLimit: Int? =
            switch concurrency {
            case .optimistic: nil
            case .enqueue(let limit): max(0, limit)
            }
        self.directory =
            cache != nil && waitingTurnLimit == nil
            ? nil : SessionDirectory(sharesSnapshots: cache == nil, waitingTurnLimit: waitingTurnLimit)
        self.unrecorded = UnrecordedCallRegister(limit: unrecordedCallLimit)
    }

    /// Opens a session.
    ///
    /// If the session is created, its instructions and history are its first batch. If it exists, its history stays as it
    /// is, and `settingsPolicy` decides if its instructions are others than those given. Opening takes one round trip,
    /// creating two. A session that the cache holds takes none; it is validated by the first turn, not here. Settings
    /// that differ take one more round trip to make sure, and one to replace them.
    ///
    /// - Parameters:
    ///   - key: The key of the session.
    ///   - model: The model to ask. The same session may be opened with another model another time.
    ///   - tools: The tools that the model may call.
    ///   - clientTools: Tools without a body, which the caller runs. If the model asks for one, `respond` and
    ///     `streamResponse` throw ``SessionError/openToolCalls(_:draft:)``, and a ``Turn`` takes its output.
    ///   - instructions: The first entry of a new session, and the instructions that an existing one is to have; `nil` to
    ///     agree with any.
    ///   - history: The entries of a new session, after the instructions.
    ///   - opening: The way in which the session is opened.
    ///   - settingsPolicy: The treatment of an existing session that has other instructions, or was recorded to have other
    ///     tools.
    ///   - configuration: The limits and policies of this handle.
    /// - Returns: A handle on the session.
    /// - Throws: ``SessionError``: gone, alreadyExists, invalidKey, store, corruptLog or unreadableLog; settingsDiffer if
    ///   the policy says so; tool if two tools have the same name.
    /// - Complexity: O(*n*) in the size of the history, which is read and rendered once.
    public func session(
        _ key: SessionKey,
        model: some LanguageModel,
        tools: [any Tool] = [],
        clientTools: [ToolDefinition] = [],
        instructions: String? = nil,
        history: [Entry] = [],
        opening: Opening = .resumeOrCreate,
        settingsPolicy: SettingsPolicy = .refuse,
        configuration: SessionConfiguration = SessionConfiguration()
    ) async throws(SessionError) -> ModelSession {
        guard key.isValid, !key.tenant.isReserved else { throw .invalidKey(key) }
        let toolbox: Toolbox
        do throws(ToolError) {
            toolbox = try Toolbox(tools, clientTools: clientTools, clock: clock)
        } catch {
            throw .tool(error)
        }
        let entries = (instructions.map { [Entry.instructions($0)] } ?? []) + history
        let shared = shared(key)
        let known = shared?.position
        let (snapshot, cost) = try await open(key, opening, entries: entries, dialect: model.dialect)
        shared?.loaded(snapshot, after: known)
        let session = ModelSession(
            boundary: self,
            shared: shared,
            snapshot: snapshot,
            cost: cost,
            model: model,
            toolbox: toolbox,
            configuration: configuration
        )
        try await session.reconcile(instructions: instructions, settingsPolicy)
        return session
    }

    /// Returns the state that a session's handles share; `nil` if the cache is all of it.
    func shared(_ key: SessionKey) -> SharedSession? { directory?.session(key) }

    /// Deletes a session; its forks live on.
    ///
    /// It deletes the session that exists when it is called. A session that another task or process creates under the
    /// same key meanwhile stays, even if replies of the store are lost.
    ///
    /// - Throws: ``SessionError/gone(_:_:)`` if there is none, or ``SessionError/store(_:)``.
    public func delete(_ key: SessionKey) async throws(SessionError) {
        try await log.delete(key)
    }

    /// Opens a session.
    ///
    /// - Returns: The session and the cost of loading it; no cost if it was created, which is no turn's work.
    func open(
        _ key: SessionKey,
        _ opening: Opening,
        entries: [Entry],
        dialect: any Dialect
    ) async throws(SessionError) -> (Snapshot, StoreCost) {
        if opening != .create {
            if let loaded = try await load(key, dialect: dialect) { return loaded }
            guard opening == .resumeOrCreate else { throw .gone(key, .absent) }
        }
        if let snapshot = try await create(key, entries: entries, dialect: dialect) { return (snapshot, StoreCost()) }
        guard opening == .resumeOrCreate else { throw .alreadyExists(key) }
        guard let loaded = try await load(key, dialect: dialect) else { throw .gone(key, .absent) }
        return loaded
    }

    /// Takes a whole session from the cache or the store; `nil` if it is absent.
    private func load(
        _ key: SessionKey,
        dialect: any Dialect
    ) async throws(SessionError) -> (Snapshot, StoreCost)? {
        let start = now()
        var cost = StoreCost()
        guard let snapshot = try await log.snapshot(key, for: dialect, cost: &cost) else { return nil }
        cost.lookup = now() - start - cost.load - cost.decode
        return (snapshot, cost)
    }

    /// Creates a session; `nil` if another writer was first.
    private func create(
        _ key: SessionKey,
        entries: [Entry],
        dialect: any Dialect
    ) async throws(SessionError) -> Snapshot? {
        let origin = Position.origin(of: key, incarnation: .random())
        var batch = Batch(.creation, turn: .random(), created: timestamp())
        batch.entries = entries
        let empty = Snapshot(key: key, origin: origin, dialect: dialect, cipher: try log.cipher(of: key))
        let successor = empty.successor(batch)
        var cost = StoreCost()
        do throws(SessionError) {
            switch try await log.append(
                successor.encoded,
                making: successor.snapshot,
                to: key,
                expecting: origin,
                cost: &cost
            ) {
            case .committed, .duplicate: return successor.snapshot
            case .stale: return nil
            }
        } catch .regressed {
            return nil
        }
    }
}
