internal import NIOConcurrencyHelpers
public import Stateline
internal import Synchronization

/// An auditor of a store: it watches appends and reads, and checks at the end that each acknowledged batch is in its
/// log exactly once and in order, that nothing else is, and that each read showed the beginning of the log.
///
/// ```swift
/// let auditor = AppendAuditor()
/// let boundary = Boundary(store: auditor.watching(MyStore()), cache: MemoryCache())
/// // ... many turns, many tasks, and any faults ...
/// let report = await auditor.report(reading: MyStore())
/// precondition(report.isClean, report.description)
/// ```
///
/// A batch with an unknown outcome may be in the log once or not at all. Batches are identified by their turns,
/// positions and digests and compared byte for byte, so a store that mixes two sessions or two tenants is found too.
/// The auditor knows only what goes through it: a session with other writers has foreign batches.
///
/// - Complexity: about 340 bytes for each batch of a session until it has ``ended(_:)``, then about 300 for the
///   session. An append and a read take one of 16 locks twice and hash what they carry.
public final class AppendAuditor: Sendable {
    /// The number of sessions read concurrently at the end.
    private static let readers = 16

    private struct Shard {
        var sessions: [SessionKey: AuditedSession] = [:]
        /// The sessions that have certainly ended; they are not among the others.
        var settled: [SessionKey: SettledSession] = [:]

        func session(_ key: SessionKey) -> AuditedSession {
            sessions[key] ?? settled[key].map { AuditedSession(key, from: $0) } ?? AuditedSession(key)
        }
    }

    private let shards = (0..<16).map { _ in NIOLockedValueBox(Shard()) }
    private let count = Atomic<UInt64>(0)

    private let journal: (@Sendable (String) -> Void)?

    /// Makes an auditor without records.
    public init() {
        journal = nil
    }

    /// Makes an auditor that writes each event as a line, for the auditor of another process.
    package init(journal: @escaping @Sendable (String) -> Void) {
        self.journal = journal
    }

    /// Returns a store that forwards all calls and reports them to the auditor.
    ///
    /// - Parameter store: The store.
    /// - Returns: The watched store. One auditor may watch several stores that hold the same sessions.
    public func watching(_ store: some SessionStore) -> some SessionStore {
        AuditedStore(base: store, auditor: self)
    }

    /// Notes that a session is not used any more until the report.
    ///
    /// If nothing about the session is in doubt, the auditor keeps only the end of its log and the number of
    /// acknowledged batches. The end's digest covers each batch, so the report finds the same as before; for a log that
    /// does not fit, the counts may differ from those of single batches, but are never zero. Otherwise all batches are
    /// kept. The store is not asked.
    ///
    /// The session may be used again after all. Then its new batches are kept, a read must show batches that lead to
    /// that end, a fork must continue from a position of the log, and an append before the end that is acknowledged as
    /// new counts as duplicated.
    ///
    /// - Parameter key: The session; its forks are sessions of their own. A session that was never watched is ignored.
    /// - Complexity: O(*n*) in the number of its batches, under one of 16 locks.
    public func ended(_ key: SessionKey) {
        shard(of: key)
            .withLockedValue { shard in
                guard let settled = shard.sessions[key]?.settled else { return }
                shard.sessions[key] = nil
                shard.settled[key] = settled
            }
    }

    /// The number of batches that are kept one by one.
    package var held: Int {
        shards.reduce(0) { $0 + $1.withLockedValue { $0.sessions.values.reduce(0) { $0 + $1.held } } }
    }

    /// Reads all watched sessions and compares them.
    ///
    /// No operation may be under way. A session that the store reports as gone, regressed or corrupt counts as lost and
    /// as ``AuditReport/admitted``.
    ///
    /// - Parameter store: The store of the sessions; another view of the watched store if that one is in doubt.
    /// - Returns: The findings.
    /// - Throws: `StoreError` if the store cannot be read.
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

    /// The sessions in a stable order.
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

    /// Returns the next number; later events have higher ones.
    func tick() -> UInt64 {
        count.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    }

    /// Notes an event of a batch.
    func record(_ event: AuditEvent, of name: BatchName, on key: SessionKey) {
        if let journal { journal(AuditLine(key: key, name: name, event: event).description) }
        record(event, of: name, on: key, source: 0)
    }

    /// Adds an event from the journal of another process's auditor.
    ///
    /// - Parameters:
    ///   - line: A line of the journal.
    ///   - source: The number of the process, above 0. Only the events of one process have a known order.
    /// - Returns: `true` if the line belongs to a journal.
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

    /// The findings of reads that contradict each other so far; no log is compared.
    package var readings: AuditReport {
        keys.reduce(into: AuditReport()) { $0.add(session($1).report) }
    }

    /// Reads or changes the record of a session.
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
