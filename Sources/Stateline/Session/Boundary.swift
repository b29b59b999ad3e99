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
    /// What to do where a session does or does not exist.
    public enum Opening: Hashable, Sendable {
        /// Continue it; create it where it is absent. Never where it expired or was deleted.
        case resumeOrCreate
        /// Create it; ``SessionError/alreadyExists(_:)`` where it exists.
        case create
        /// Continue it; ``SessionError/gone(_:_:)`` where it is absent.
        case resume
    }

    /// The door to the store and its cache.
    package let log: SessionLog
    let clock: any Clock<Duration>
    let now: @Sendable () -> Duration
    let timestamp: @Sendable () -> Timestamp
    /// Who is told of turns, as they begin and end.
    let observers: [any TurnObserver]
    /// What this boundary's handles share; `nil` if that is the cache alone.
    let directory: SessionDirectory?
    /// The calls that ledgers lack.
    let keeper: LedgerKeeper

    /// Draws the line.
    ///
    /// - Parameters:
    ///   - store: The store of the sessions.
    ///   - cache: The cache of the store's sessions, which no other store uses; `nil` for none. Each handle keeps its own
    ///     snapshot then, and shares it with the session's other handles of this boundary.
    ///   - concurrency: What becomes of turns on different handles of one session at the same time. By default they do
    ///     not wait for each other; a server that opens a handle for each request wants
    ///     ``TurnConcurrency/enqueue(limit:)``. Copies of the boundary share its queues.
    ///   - observers: Who is told of each turn, as it begins and at its end; nobody by default, which costs nothing.
    ///   - debtLimit: The most calls that are kept in this process because their ledger lacks them; further ones are
    ///     dropped and counted. A call takes about 300 bytes.
    ///   - clock: What stages are measured by and tools are timed by; never goes back.
    ///   - timestamp: The time of day that batches are stamped with, for people; order never depends on it.
    public init(
        store: any SessionStore,
        cache: (any SessionCache)? = nil,
        concurrency: TurnConcurrency = .optimistic,
        observers: [any TurnObserver] = [],
        debtLimit: Int = 4096,
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.clock = clock
        self.log = SessionLog(store: store, cache: cache, clock: clock)
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
        self.keeper = LedgerKeeper(limit: debtLimit)
    }

    /// Opens a session.
    ///
    /// Where the session is created, its instructions and history are its first batch; where it exists, they are
    /// ignored: what a session was told at its beginning is part of its history. One round trip, two to create; none
    /// where the store has a cache that holds the session: what it holds is validated by the first turn, not here.
    ///
    /// - Parameters:
    ///   - key: The session's name.
    ///   - model: Who answers. The same session may be opened with another model another time.
    ///   - tools: What the model may call; their names are unique.
    ///   - instructions: What the model is told first.
    ///   - history: Entries that a new session begins with, after the instructions.
    ///   - opening: What to do where the session does or does not exist.
    ///   - configuration: Limits and policies of this handle.
    /// - Returns: A handle on the session.
    /// - Throws: ``SessionError``: gone, alreadyExists, invalidKey, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of the history, which is read and rendered once.
    public func session(
        _ key: SessionKey,
        model: some LanguageModel,
        tools: [any Tool] = [],
        instructions: String? = nil,
        history: [Entry] = [],
        opening: Opening = .resumeOrCreate,
        configuration: SessionConfiguration = SessionConfiguration()
    ) async throws(SessionError) -> ModelSession {
        guard key.isValid else { throw .invalidKey(key) }
        let entries = (instructions.map { [Entry.instructions($0)] } ?? []) + history
        let shared = shared(key)
        let known = shared?.position
        let (snapshot, cost) = try await open(key, opening, entries: entries, dialect: model.dialect)
        shared?.loaded(snapshot, after: known)
        return ModelSession(
            boundary: self,
            shared: shared,
            snapshot: snapshot,
            cost: cost,
            model: model,
            toolbox: Toolbox(tools, clock: clock),
            configuration: configuration
        )
    }

    /// Returns what a session's handles share; `nil` if the cache is what they share.
    func shared(_ key: SessionKey) -> SharedSession? { directory?.session(key) }

    /// Deletes a session; its forks live on.
    ///
    /// - Throws: ``SessionError/gone(_:_:)`` where there is none, or ``SessionError/store(_:)``.
    public func delete(_ key: SessionKey) async throws(SessionError) {
        try await log.delete(key)
    }

    /// Opens a session.
    ///
    /// - Returns: The session and the cost of loading it; no cost if it was created, which is no turn's work.
    private func open(
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
        let successor = Snapshot(key: key, origin: origin, dialect: dialect).successor(batch)
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
