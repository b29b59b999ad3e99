internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import Stateline
internal import Synchronization

/// A store of record in this process: sessions live as long as the store does, or as long as their lifetime says.
///
/// ```swift
/// let boundary = Boundary(store: MemoryStore())
/// ```
///
/// ## Concurrency
///
/// A session at one moment is one immutable object in a lock-free map. A commit is one compare-and-swap of that object, a
/// creation one insertion, a deletion or an expiry one compare-and-swap with a mark. No operation waits for another; it
/// tries again only if another one succeeded. A fork and a removal take a short lock of their family, to count shared
/// bytes.
///
/// A fork reads its parent before it is inserted: a fork and a deletion of its parent at the same time may both succeed.
///
/// ## Memory
///
/// A store never evicts a live session. With a bound it refuses a write that does not fit, with
/// `StoreError.Reason.full`. Before that it removes all sessions that have expired, and then the oldest marks of sessions
/// that are gone, until an eighth of the bound is left to marks. Each key in the store counts for 256 bytes and
/// twice its length, 256 more if its session lives; each batch counts for 256 bytes and its stored form. Batches that forks
/// share count once, while any of them lives. Entries that the map has removed and not yet freed do not count.
///
/// ## Time
///
/// A session that was deleted or has expired leaves a mark for the retention, or until its room is needed. Then it is
/// absent: its key may be created again, under another incarnation, and positions of the former one are regressed.
/// Lifetimes are checked at every operation. An append removes up to 8 sessions and marks whose time is over; ``run()``
/// removes all of them, also without traffic.
public final class MemoryStore: SessionStore {
    /// The maximum number of bytes that sessions may take; `nil` for no bound.
    public let byteLimit: Int?
    /// No attempt waits for anything.
    public var timeLimit: Duration? { .zero }
    let map: LockFreeMap<StoredSession>
    let budget: ByteBudget
    let counters = StoreCounters()
    /// The maximum number of bytes that a sweep found since memory was last given back to the system.
    let peak = NIOLockedValueBox(0)
    let retention: Duration
    let sweepInterval: Duration
    let clock: any Clock<Duration>
    /// The sessions that have a lifetime, by the time at which each may be over.
    let deadlines = DeadlineQueue()
    /// The marks of sessions that are gone, by the time at which each is forgotten.
    let marks = DeadlineQueue()
    /// The bytes that marks count for.
    let markedBytes = Atomic(0)
    /// The bytes of marks that are kept although other sessions need room.
    let markShare: Int
    let now: @Sendable () -> Duration
    let lifetime: Lifetime?
    private let ownCache = NIOLockedValueBox<CachedSessions?>(nil)

    /// The default bound: a quarter of the memory that the process may use, which is the machine's or its control group's.
    public static let defaultByteLimit = ProcessMemory.limit / 4

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - byteLimit: The maximum number of bytes that sessions may take; `nil` for no bound. By default a quarter of the
    ///     memory that the process may use.
    ///   - lifetime: The lifetime of sessions; `nil` for no end.
    ///   - retention: The time for which the store remembers that a session was deleted or has expired; less if it has to
    ///     make room and the marks of such sessions take more than an eighth of `byteLimit`.
    ///   - sweepInterval: The time between two sweeps of ``run()``.
    ///   - clock: The clock of lifetimes and retention; it is monotonic.
    public convenience init(
        byteLimit: Int? = MemoryStore.defaultByteLimit,
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        sweepInterval: Duration = .seconds(30),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.init(
            byteLimit: byteLimit,
            lifetime: lifetime,
            retention: retention,
            sweepInterval: sweepInterval,
            clock: clock,
            domain: .shared
        )
    }

    init(
        byteLimit: Int? = nil,
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        sweepInterval: Duration = .seconds(30),
        clock: some Clock<Duration> = ContinuousClock(),
        domain: EpochDomain
    ) {
        precondition(
            byteLimit ?? 0 >= 0 && retention >= .zero && sweepInterval > .zero,
            "a byte limit and a retention must not be negative, and a sweep interval must be positive"
        )
        let origin = clock.now
        self.byteLimit = byteLimit
        self.map = LockFreeMap(domain: domain)
        self.budget = ByteBudget(limit: byteLimit ?? .max)
        self.markShare = (byteLimit ?? .max) / 8
        self.lifetime = lifetime
        self.retention = retention
        self.sweepInterval = sweepInterval
        self.clock = clock
        self.now = { origin.duration(to: clock.now) }
    }

    /// The bytes that the store's sessions and keys count for; exact while no task writes, never too few.
    public var byteCount: Int { budget.usedBytes }

    /// The number of keys in the store: those of live sessions, and those of remembered ones.
    public var keyCount: Int { map.count }

    /// The cache that all boundaries of this store share, if they are not given another one; made when it is first needed.
    ///
    /// What it holds is compared with the store at each opening and each turn, without a round trip. A boundary of the
    /// store in a wrapper, such as one that logs, can be given it too.
    public var cache: MemoryCache {
        let sessions = ownCache.withLockedValue { sessions in
            let found =
                sessions
                ?? CachedSessions(
                    byteLimit: MemoryCache.defaultByteLimit,
                    validation: .optimistic,
                    clock: ContinuousClock()
                )
            sessions = found
            return found
        }
        return MemoryCache(sessions, comparing: self)
    }

    /// Returns `true` if a session lives and its log is at a position.
    func stands(_ key: ByteKey, at position: Position) -> Bool {
        guard case .live(let session)? = find(key)?.standing else { return false }
        return session.log.position == position
    }

    /// Returns the entry of a key and its standing; removes an entry whose time is over.
    func find(_ key: ByteKey) -> (entry: StoredSession, standing: StoredSession.Standing)? {
        guard let entry = map.get(key) else { return nil }
        let standing = standing(of: entry)
        if case .live = standing { return (entry, standing) }
        takeAway(entry)
        return (entry, standing)
    }

    func standing(of entry: StoredSession) -> StoredSession.Standing {
        entry.standing(at: now, retention: retention)
    }

    /// Reads the batches after a position, in order.
    public func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        switch find(ByteKey(key))?.standing {
        case .live(let session): session.log.load(after: position)
        case .gone(let absence): .gone(absence)
        case .forgotten, nil: .gone(.absent)
        }
    }

    /// Appends a batch if the log is at the expected position.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.full` if it does not fit into the store's bound, or with
    ///   `StoreError.Reason.unavailable` if a stopped thread keeps too much removed memory from being freed. Nothing was
    ///   committed in either case.
    public func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        precondition(batch.position.revision == position.revision.next, "the batch must follow the position")
        defer { tidy() }
        let byteKey = ByteKey(key)
        // Each turn of the loop but the last one means that another writer of this session got further.
        while true {
            let found = find(byteKey)
            switch found?.standing {
            case .gone(let absence): return .gone(absence)
            case .live(let session):
                guard let entry = found?.entry else { continue }
                if case .refuse(let result) = session.log.decision(on: batch, expecting: position) { return result }
                if try replace(entry, session, appending: batch) { return .committed(.memory) }
            case .forgotten, nil:
                guard position.revision == 0 else { return .gone(.absent) }
                guard position == .origin(of: key, incarnation: batch.position.incarnation) else { return .regressed }
                let log = BatchLog(origin: position, first: batch)
                if try create(key, byteKey, log, sharing: 0, held: [], over: found?.entry) {
                    return .committed(.memory)
                }
            }
        }
    }

    /// Makes a session that continues another one's log from a position.
    ///
    /// - Throws: `StoreError` as ``append(_:to:expecting:)`` does; nothing was made then.
    public func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        precondition(first.position.revision == position.revision.next, "the batch must follow the position")
        precondition(key.tenant == fork.tenant && key.family == fork.family, "the fork must be of the parent's family")
        defer { tidy() }
        let (parentKey, forkKey) = (ByteKey(key), ByteKey(fork))
        while true {
            // The fork's own key comes first: a repeated call finds the fork even if its parent is gone by then.
            let found = find(forkKey)
            switch found?.standing {
            case .live(let session): return session.log.contains(first.position) ? .duplicate : .taken
            case .gone: return .taken
            case .forgotten, nil: break
            }
            switch find(parentKey)?.standing {
            case .gone(let absence): return .gone(absence)
            case .forgotten, nil: return .gone(.absent)
            case .live(let parent):
                guard let shared = parent.log.upTo(position) else { return .regressed }
                let held = parent.shares(upTo: shared.byteCount)
                let log = shared.appending(first)
                if try create(fork, forkKey, log, sharing: shared.byteCount, held: held, over: found?.entry) {
                    return .forked
                }
            }
        }
    }

    /// Returns the position of a session's newest batch; `nil` if there is no session.
    ///
    /// - Complexity: O(1).
    public func position(of key: SessionKey) async throws(StoreError) -> Position? {
        guard case .live(let session)? = find(ByteKey(key))?.standing else { return nil }
        return session.log.position
    }

    /// Deletes a session; its forks live on.
    ///
    /// - Throws: `StoreError.Reason.unavailable` as ``append(_:to:expecting:)`` does; nothing was deleted then.
    public func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let byteKey = ByteKey(key)
        while true {
            let found = find(byteKey)
            switch found?.standing {
            case .gone(let absence): return .gone(absence)
            case .forgotten, nil: return .gone(.absent)
            case .live(let session):
                guard let entry = found?.entry else { continue }
                guard position == nil || position == session.log.position else { return .stale }
                do throws(LockFreeMapError) {
                    if try mark(entry, as: .deleted, until: now() + retention) { return .deleted }
                } catch {
                    throw stalled()
                }
            }
        }
    }
}

extension MemoryStore {
    /// Replaces a session by one with one more batch.
    ///
    /// - Returns: `true` if the session was still as it was found.
    private func replace(
        _ entry: StoredSession,
        _ session: StoredSession.Content,
        appending batch: EncodedBatch
    ) throws(StoreError) -> Bool {
        let bytes = BatchLog.charge(batch)
        try reserve(bytes)
        let successor = StoredSession(
            entry.name,
            key: entry.key,
            StoredSession.Content(
                log: session.log.appending(batch),
                created: session.created,
                end: lifetime.map { $0.end(created: session.created, committed: now()) },
                deadline: session.deadline,
                own: session.own,
                held: session.held,
                renewals: session.renewals
            )
        )
        do throws(LockFreeMapError) {
            if case .exchanged = try map.compareExchange(expected: entry, desired: successor) { return true }
        } catch {
            budget.giveBack(bytes)
            throw stalled()
        }
        budget.giveBack(bytes)
        return false
    }

    /// Puts a new session under a key that has none.
    ///
    /// - Parameters:
    ///   - name: The key.
    ///   - key: Its bytes.
    ///   - log: The session's log, with its first own batch.
    ///   - shared: The bytes that the log shares with its ancestors.
    ///   - held: The ancestors' bytes that it holds.
    ///   - remains: The entry of a former session under the key.
    /// - Returns: `true` if the key was still free.
    /// - Throws: `StoreError` if there is no room, or if the map can take no write now.
    private func create(
        _ name: SessionKey,
        _ key: ByteKey,
        _ log: BatchLog,
        sharing shared: Int,
        held: [HeldBytes],
        over remains: StoredSession?
    ) throws(StoreError) -> Bool {
        let created = lifetime == nil ? .zero : now()
        let session = StoredSession.Content(
            log: log,
            created: created,
            end: lifetime.map { $0.end(created: created, committed: created) },
            deadline: lifetime.map { _ in Deadline(key) },
            own: OwnedBytes(start: shared),
            held: held
        )
        let entry = StoredSession(name, key: key, session)
        let bytes = entry.weight + log.byteCount - shared
        let heldBytes = held.reduce(0) { $0 + $1.bytes.hold(upTo: $1.place) }
        do throws(StoreError) { try reserve(bytes + heldBytes) } catch {
            // The held bytes were not reserved, and another fork may rely on them by now: they count until they are released.
            budget.giveBack(-heldBytes)
            giveBack(0, releasing: held)
            throw error
        }
        var isThere = false
        defer { if !isThere { giveBack(bytes, releasing: held) } }
        do throws(LockFreeMapError) { isThere = try put(entry, over: remains) } catch { throw stalled() }
        if isThere, let end = session.end, let deadline = session.deadline { deadlines.insert(deadline, at: end) }
        return isThere
    }

    private func put(_ entry: StoredSession, over remains: StoredSession?) throws(LockFreeMapError) -> Bool {
        guard let remains else { return try map.insert(ifAbsent: entry) == nil }
        guard case .exchanged = try map.compareExchange(expected: remains, desired: entry) else { return false }
        giveBack(everythingOf: remains)
        return true
    }

    private func reserve(_ bytes: Int) throws(StoreError) {
        guard budget.reserve(bytes) || reserveMakingRoom(bytes) else {
            counters.refusals.add(1, ordering: .relaxed)
            throw StoreError(
                .full,
                committed: .no,
                message: "the memory store is full: its byteLimit is reached; raise it, or delete sessions"
            )
        }
    }

    /// Counts a write that the map could not take.
    func stalled() -> StoreError {
        counters.stalls.add(1, ordering: .relaxed)
        return StoreError(
            .unavailable,
            committed: .no,
            message: "the memory store took no write: a blocked reader thread stalls memory reclamation; try again"
        )
    }
}

extension StoredSession.Content {
    /// Returns the bytes that a fork of this session holds, of the session's own and of its ancestors'.
    fileprivate func shares(upTo place: Int) -> [HeldBytes] {
        let ancestors = held.filter { $0.bytes.start < place }
            .map { HeldBytes(bytes: $0.bytes, place: min($0.place, place)) }
        return own.start < place ? ancestors + [HeldBytes(bytes: own, place: place)] : ancestors
    }
}
