internal import Stateline

/// A check of one clause: the store, a tenant of its own, and functions that call the store and compare its answers.
struct ContractCheck: Sendable {
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

    // MARK: Calls

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

    func expectPosition(of key: SessionKey, _ expected: Position?) async throws {
        try expect("position of \(key)", try await store.position(of: key), expected)
    }

    func expectLease(
        of key: SessionKey,
        renewing turn: TurnID? = nil,
        _ expected: LeaseResult,
        _ why: String = ""
    ) async throws {
        let what = turn == nil ? "lease of \(key)" : "renewal of the lease of \(key)"
        try expect(what, try await store.lease(of: key, renewing: turn), expected, why: why)
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

    /// Returns a short description of a value, with the revisions of batches instead of their bytes.
    private static func summary(of value: some Equatable) -> String {
        if case .tail(let batches)? = value as? LoadResult { return "tail(\(names(of: batches)))" }
        if case .stale(let batches)? = value as? AppendOutcome { return "stale(missing: \(names(of: batches)))" }
        return "\(value)"
    }

    private static func names(of batches: [EncodedBatch]) -> String {
        batches.map { "\($0.position.revision):\($0.position.digest.description.prefix(8))" }.joined(separator: " ")
    }

    // MARK: Logs

    /// Creates a session of `count` batches.
    func write(_ count: Int, to key: SessionKey) async throws -> ExpectedLog {
        var log = ExpectedLog(key)
        for _ in 0..<count { try await append(to: &log) }
        return log
    }

    /// Appends one batch and expects it to be committed.
    func append(_ text: String? = nil, to log: inout ExpectedLog) async throws {
        let position = log.position
        let batch = log.append(text)
        try await expectAppend(batch, to: log.key, at: position, .committed)
    }

    /// Forks a session at a revision.
    func fork(_ log: ExpectedLog, as id: String, at revision: Int) async throws -> ExpectedLog {
        let fork = log.fork(as: id, at: revision)
        let parent = log.positions[revision]
        try await expectFork(of: log.key, at: parent, to: fork.key, fork.batches[revision], .forked)
        return fork
    }
}
