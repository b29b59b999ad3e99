internal import NIOConcurrencyHelpers
public import Stateline
internal import Synchronization

/// Watches what is appended to sessions and read of them, and tells at the end whether the store kept its word: what it
/// acknowledged is there exactly once and in order, nothing else is, and every read showed the beginning of the log.
///
/// ```swift
/// let auditor = AppendAuditor()
/// let boundary = Boundary(store: auditor.watching(MyStore()), cache: MemoryCache())
/// // ... many turns, many tasks, and whatever can go wrong ...
/// let report = await auditor.report(reading: MyStore())
/// precondition(report.isClean, report.description)
/// ```
///
/// What a failure leaves with an unknown outcome may be in the log once or not at all. Batches are told apart by their
/// turns, positions and digests, and compared byte for byte, so that a store is caught also where it mixes two sessions or
/// two tenants. Only what goes through the auditor is known to it: a session that others write to beside it has foreign
/// batches.
///
/// - Complexity: about 340 bytes for each batch of a session until it has ``ended(_:)``, then about 300 for all of it; an
///   append and a read take a lock of 16 twice and hash what they carry.
public final class AppendAuditor: Sendable {
    /// How many sessions are read at a time at the end.
    private static let readers = 16

    private struct Shard {
        var sessions: [SessionKey: AuditedSession] = [:]
        /// Those that ended without a doubt; none of them is among the others.
        var settled: [SessionKey: SettledSession] = [:]

        func session(_ key: SessionKey) -> AuditedSession {
            sessions[key] ?? settled[key].map { AuditedSession(key, from: $0) } ?? AuditedSession(key)
        }
    }

    private let shards = (0..<16).map { _ in NIOLockedValueBox(Shard()) }
    private let count = Atomic<UInt64>(0)

    private let journal: (@Sendable (String) -> Void)?

    /// Begins with nothing.
    public init() {
        journal = nil
    }

    /// Begins with nothing, and writes down what happens, a line each: for the auditor of another process.
    package init(journal: @escaping @Sendable (String) -> Void) {
        self.journal = journal
    }

    /// Makes a store that passes on everything and tells the auditor of it.
    ///
    /// - Parameter store: The store.
    /// - Returns: The same, watched. One auditor may watch several stores that hold the same sessions.
    public func watching(_ store: some SessionStore) -> some SessionStore {
        AuditedStore(base: store, auditor: self)
    }

    /// Nobody appends to a session any more, forks, deletes or reads it, until the report.
    ///
    /// Where nothing about it is in doubt, all that is kept is where its log ends and how much was acknowledged: the end's
    /// digest covers each batch, so that the report finds the same as before, and where a log does not fit it may count
    /// less or more than each single batch, but never nothing. Otherwise all of it is kept. The store is not asked.
    ///
    /// Where somebody goes on with it after all, nothing is taken for granted: what is appended is kept beside, a read must
    /// show batches that follow one another and lead to that end, a fork must have gone on from a place of the log, and an
    /// append that is acknowledged as new before the end counts as duplicated.
    ///
    /// - Parameter key: The session; forks of it are sessions of their own. Nothing is done for one that nobody watched.
    /// - Complexity: O(*n*) in the number of its batches, under a lock of 16.
    public func ended(_ key: SessionKey) {
        shard(of: key)
            .withLockedValue { shard in
                guard let settled = shard.sessions[key]?.settled else { return }
                shard.sessions[key] = nil
                shard.settled[key] = settled
            }
    }

    /// How many batches something is kept of one by one.
    package var held: Int {
        shards.reduce(0) { $0 + $1.withLockedValue { $0.sessions.values.reduce(0) { $0 + $1.held } } }
    }

    /// Reads all sessions that were watched, and compares.
    ///
    /// Nothing may be under way by then. A session that the store says is gone, has regressed or is corrupt counts as lost,
    /// and that the store ``AuditReport/admitted`` it.
    ///
    /// - Parameter store: Where the sessions are: another view of the store than the one that was watched, where there may
    ///   be doubt of that.
    /// - Returns: What was found.
    /// - Throws: `StoreError` where the store cannot be asked.
    /// - Complexity: O(*n*) in the number of batches; a load for each session.
    public func report(reading store: some SessionStore) async throws(StoreError) -> AuditReport {
        var report = AuditReport()
        var rest = keys[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.readers)
            rest = rest.dropFirst(Self.readers)
            let results = await withTaskGroup(of: (Int, Result<AuditReport, StoreError>).self) { group in
                for (index, key) in zip(some.indices, some) {
                    group.addTask { (index, await self.verified(self.session(key), store)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { report.add(try result.get()) }
        }
        return report
    }

    private func verified(
        _ session: AuditedSession,
        _ store: some SessionStore
    ) async -> Result<AuditReport, StoreError> {
        do throws(StoreError) {
            switch try await store.load(session.key, after: nil) {
            case .tail(let log): return .success(session.verified(log))
            case .current: return .success(session.verified([]))
            case .regressed: return .success(session.verified(gone: "regressed"))
            case .gone(let absence): return .success(session.verified(gone: "gone: \(absence)"))
            }
        } catch {
            return error.reason == .corrupt ? .success(session.verified(gone: "corrupt")) : .failure(error)
        }
    }

    /// The sessions, in an order that does not change.
    private var keys: [SessionKey] {
        shards.flatMap { $0.withLockedValue { Array($0.sessions.keys) + Array($0.settled.keys) } }
            .sorted { ($0.tenant.rawValue, $0.id) < ($1.tenant.rawValue, $1.id) }
    }

    private func session(_ key: SessionKey) -> AuditedSession {
        shard(of: key).withLockedValue { $0.session(key) }
    }

    private func shard(of key: SessionKey) -> NIOLockedValueBox<Shard> {
        shards[Int(UInt(bitPattern: key.hashValue) % 16)]
    }

    /// The next number: what happens later has a higher one.
    func tick() -> UInt64 {
        count.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    }

    /// Something happened to a batch.
    func record(_ event: AuditEvent, of name: BatchName, on key: SessionKey) {
        if let journal { journal(AuditLine(key: key, name: name, event: event).description) }
        record(event, of: name, on: key, source: 0)
    }

    /// Takes in what another process's auditor wrote down.
    ///
    /// - Parameters:
    ///   - line: A line of its journal.
    ///   - source: Which process, above 0: only what one process does has an order that can be told.
    /// - Returns: Whether it is a line of a journal.
    @discardableResult
    package func record(_ line: some StringProtocol, of source: Int) -> Bool {
        guard let line = AuditLine(line) else { return false }
        record(line.event, of: line.name, on: line.key, source: source)
        return true
    }

    private func record(_ event: AuditEvent, of name: BatchName, on key: SessionKey, source: Int) {
        let now = tick()
        withSession(key) { session in
            switch event {
            case .began(let position): session.began(name, expecting: position, source: source, now: now)
            case .acknowledged(let isNew): session.acknowledged(name, isNew: isNew, now: now)
            case .failed(.yes): session.acknowledged(name, isNew: false, now: now)
            case .failed(.no): session.refused(name, isFinal: false)
            case .failed(.unknown): break
            case .refused: session.refused(name, isFinal: true)
            }
        }
    }

    /// What reads showed so far that does not fit to each other; nothing is compared with the logs as they are.
    package var readings: AuditReport {
        keys.reduce(into: AuditReport()) { $0.add(session($1).report) }
    }

    /// Looks at a session, or changes what is known of it.
    func withSession<Result>(_ key: SessionKey, _ body: (inout AuditedSession) -> Result) -> Result {
        shard(of: key)
            .withLockedValue { shard in
                guard let settled = shard.settled.removeValue(forKey: key) else {
                    return body(&shard.sessions[key, default: AuditedSession(key)])
                }
                return body(&shard.sessions[key, default: AuditedSession(key, from: settled)])
            }
    }
}
