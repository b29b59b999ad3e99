internal import Stateline

/// One check of one clause: a store, a tenant of its own, and the means to ask and to compare.
struct Trial: Sendable {
    let store: any SessionStore
    let clause: SessionStoreContract.Clause
    let tenant: Tenant

    init(store: any SessionStore, clause: SessionStoreContract.Clause) {
        self.store = store
        self.clause = clause
        self.tenant = Tenant(rawValue: "contract-\(TurnID.random().rawValue)")
    }

    func key(_ id: String = "session") -> SessionKey {
        SessionKey(id, tenant: tenant)
    }

    // MARK: Asking

    func expectLoad(
        _ key: SessionKey,
        after position: Position? = nil,
        _ expected: LoadResult,
        _ why: String = ""
    ) async throws {
        let what = "load of \(key) after revision \(position?.revision.description ?? "nil")"
        try expect(what, try await store.load(key, after: position), expected, why: why)
    }

    func expectAppend(
        _ batch: EncodedBatch,
        to key: SessionKey,
        at position: Position,
        _ expected: AppendOutcome,
        _ why: String = ""
    ) async throws {
        let what = "append to \(key) at revision \(position.revision)"
        let result = try await store.append(batch, to: key, expecting: position)
        try expect(what, AppendOutcome(result), expected, why: why)
    }

    func expectFork(
        of key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        _ first: EncodedBatch,
        _ expected: ForkResult,
        _ why: String = ""
    ) async throws {
        let what = "fork of \(key) at revision \(position.revision) to \(fork)"
        try expect(what, try await store.fork(key, at: position, to: fork, first: first), expected, why: why)
    }

    func expectDelete(
        _ key: SessionKey,
        at position: Position? = nil,
        _ expected: DeleteResult,
        _ why: String = ""
    ) async throws {
        let what = "delete of \(key) at revision \(position?.revision.description ?? "nil")"
        try expect(what, try await store.delete(key, expecting: position), expected, why: why)
    }

    func expect<Value: Equatable>(_ what: String, _ actual: Value, _ expected: Value, why: String = "") throws {
        guard actual != expected else { return }
        throw violation(
            why.isEmpty ? what : "\(what) (\(why))",
            expected: Self.summary(of: expected),
            actual: Self.summary(of: actual)
        )
    }

    func violation(_ operation: String, expected: String, actual: String) -> ContractViolation {
        ContractViolation(clause: clause, operation: operation, expected: expected, actual: actual)
    }

    /// A value in few words: batches by their revisions, not by their bytes.
    private static func summary(of value: some Equatable) -> String {
        if case .tail(let batches)? = value as? LoadResult { return "tail(\(names(of: batches)))" }
        if case .stale(let batches)? = value as? AppendOutcome { return "stale(missing: \(names(of: batches)))" }
        return "\(value)"
    }

    private static func names(of batches: [EncodedBatch]) -> String {
        batches.map { "\($0.position.revision):\($0.position.digest.description.prefix(8))" }.joined(separator: " ")
    }

    // MARK: Logs

    /// Creates a session of some batches.
    func write(_ count: Int, to key: SessionKey) async throws -> WrittenLog {
        var log = WrittenLog(key)
        for _ in 0..<count { try await append(to: &log) }
        return log
    }

    /// Appends one batch, which has to be committed.
    func append(_ text: String? = nil, to log: inout WrittenLog) async throws {
        let position = log.position
        let batch = log.append(text)
        try await expectAppend(batch, to: log.key, at: position, .committed)
    }

    /// Forks a session after a number of its batches.
    func fork(_ log: WrittenLog, as id: String, at revision: Int) async throws -> WrittenLog {
        let fork = log.fork(as: id, at: revision)
        let parent = log.positions[revision]
        try await expectFork(of: log.key, at: parent, to: fork.key, fork.batches[revision], .forked)
        return fork
    }
}

/// What an append did, however far it had got when it was acknowledged.
enum AppendOutcome: Hashable {
    case committed
    case duplicate
    case stale(missing: [EncodedBatch])
    case regressed
    case gone(Absence)

    init(_ result: AppendResult) {
        self =
            switch result {
            case .committed: .committed
            case .duplicate: .duplicate
            case .stale(let missing): .stale(missing: missing)
            case .regressed: .regressed
            case .gone(let absence): .gone(absence)
            }
    }
}

/// A log as it should be: what was written, and each position on it.
struct WrittenLog: Sendable {
    /// The writer at each revision, from 0.
    private var writers: [LogWriter]
    /// The batches, the first at 0.
    private(set) var batches: [EncodedBatch] = []

    init(_ key: SessionKey) {
        self.writers = [LogWriter(key)]
    }

    private init(_ writers: [LogWriter], _ batches: [EncodedBatch]) {
        self.writers = writers
        self.batches = batches
    }

    /// What continues the log.
    var writer: LogWriter { writers[writers.count - 1] }
    var key: SessionKey { writer.key }
    /// The positions, from the origin on.
    var positions: [Position] { writers.map(\.position) }
    var position: Position { writer.position }

    /// Writes a batch, here alone.
    @discardableResult
    mutating func append(_ text: String? = nil) -> EncodedBatch {
        var writer = writer
        let batch = writer.append(.prompt(text ?? "prompt \(batches.count)"), .response("response"))
        writers.append(writer)
        batches.append(batch)
        return batch
    }

    /// Writes a batch, here alone.
    mutating func append(_ batch: Batch) -> EncodedBatch {
        var writer = writer
        let encoded = writer.append(batch)
        writers.append(writer)
        batches.append(encoded)
        return encoded
    }

    /// The log as it was at a revision, to be continued otherwise.
    func diverging(at revision: Int) -> WrittenLog {
        WrittenLog(Array(writers[...revision]), Array(batches[..<revision]))
    }

    /// The log of a fork, its first batch included.
    func fork(as id: String, at revision: Int) -> WrittenLog {
        let (writer, first) = writers[revision].fork(as: id)
        return WrittenLog(writers[...revision] + [writer], batches[..<revision] + [first])
    }
}
