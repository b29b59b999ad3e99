package import Stateline

/// A store and a reference that receive the same calls.
///
/// The first answer that differs is an error.
///
/// ```swift
/// let clock = ManualClock()
/// var pair = StorePair(MemoryStore(clock: clock), reference: ReferenceStore(clock: clock), acknowledged: .memory) {
///     clock.advance(by: $0)
/// }
/// for _ in 0..<3000 { try await pair.step(using: &random) }
/// ```
///
/// Whole answers are compared, including their batches. The acknowledgement level of a commit is compared with the one
/// that the pair was made with, because it differs between stores.
package struct StorePair<Store: SessionStore, Reference: SessionStore>: Sendable {
    /// The tested store.
    package let store: Store
    /// The store whose answers are expected.
    package let reference: Reference
    private let acknowledged: Acknowledged
    private let pass: @Sendable (Duration) throws -> Void
    /// The writers at each position that was ever committed, by session.
    var writers: [SessionKey: [LogWriter]] = [:]

    /// Creates a pair.
    ///
    /// - Parameters:
    ///   - store: The tested store; empty.
    ///   - reference: The store whose answers are expected; empty, with the same lifetime and retention.
    ///   - acknowledged: The acknowledgement level that the tested store gives each commit.
    ///   - pass: Advances the time of both stores.
    package init(
        _ store: Store,
        reference: Reference,
        acknowledged: Acknowledged,
        pass: @escaping @Sendable (Duration) throws -> Void
    ) {
        self.store = store
        self.reference = reference
        self.acknowledged = acknowledged
        self.pass = pass
    }

    /// Advances the time of both stores.
    ///
    /// - Throws: The error of the closure that advances the time.
    package func advance(by duration: Duration) throws {
        try pass(duration)
    }

    /// Appends a batch to both stores.
    ///
    /// - Returns: The result, which is the same in both.
    /// - Throws: ``StoreDifference``, or the error of a store.
    @discardableResult
    package func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        at position: Position
    ) async throws -> AppendResult {
        let actual = try await store.append(batch, to: key, expecting: position)
        let expected: AppendResult =
            switch try await reference.append(batch, to: key, expecting: position) {
            case .committed: .committed(acknowledged)
            case .duplicate: .duplicate(acknowledged)
            case let other: other
            }
        try compare("append to \(key) at \(position.revision)", actual, expected)
        return actual
    }

    /// Makes a fork in both stores.
    ///
    /// - Returns: The result, which is the same in both.
    /// - Throws: ``StoreDifference``, or the error of a store.
    @discardableResult
    package func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws -> ForkResult {
        let actual = try await store.fork(key, at: position, to: fork, first: first)
        let expected = try await reference.fork(key, at: position, to: fork, first: first)
        try compare("fork of \(key) at \(position.revision) to \(fork)", actual, expected)
        return actual
    }

    /// Deletes a session in both stores.
    ///
    /// - Throws: ``StoreDifference``, or the error of a store.
    package func delete(_ key: SessionKey, at position: Position?) async throws {
        let actual = try await store.delete(key, expecting: position)
        let expected = try await reference.delete(key, expecting: position)
        try compare("delete of \(key)", actual, expected)
    }

    /// Loads a session from both stores.
    ///
    /// - Throws: ``StoreDifference``, or the error of a store.
    package func load(_ key: SessionKey, after position: Position?) async throws {
        let actual = try await store.load(key, after: position)
        let expected = try await reference.load(key, after: position)
        try compare("load of \(key) after \(position?.revision.description ?? "nothing")", actual, expected)
    }

    /// Reads the newest batches of sessions of both stores.
    ///
    /// - Throws: ``StoreDifference``, or the error of a store.
    package func newest(of keys: [SessionKey]) async throws {
        let actual = try await store.newest(of: keys)
        let expected = try await reference.newest(of: keys)
        try compare("newest batches", actual, expected)
    }

    /// Renews a lease in both stores, or reads it.
    ///
    /// - Throws: ``StoreDifference``, or the error of a store.
    package func lease(of key: SessionKey, renewing turn: TurnID?) async throws {
        let actual = try await store.lease(of: key, renewing: turn)
        let expected = try await reference.lease(of: key, renewing: turn)
        try compare("\(turn == nil ? "lease" : "renewal of the lease") of \(key)", actual, expected)
    }

    /// Lists a tenant's sessions in both stores, to the last page.
    ///
    /// - Throws: ``StoreDifference``, or the error of a store.
    package func list(_ tenant: Tenant, limit: Int) async throws {
        let actual = try await Self.all(tenant, of: store, limit: limit)
        let expected = try await Self.all(tenant, of: reference, limit: limit)
        try compare("list of \(tenant)", actual, expected)
    }

    private func compare<Answer: Equatable>(_ operation: String, _ actual: Answer, _ expected: Answer) throws {
        guard actual != expected else { return }
        throw StoreDifference(operation: operation, expected: "\(expected)", actual: "\(actual)")
    }

    private static func all(
        _ tenant: Tenant,
        of store: some SessionStore,
        limit: Int
    ) async throws -> Set<SessionKey> {
        var keys: Set<SessionKey> = []
        var cursor: ListCursor?
        repeat {
            let page = try await store.list(tenant, cursor: cursor, limit: limit)
            keys.formUnion(page.keys)
            cursor = page.next
        } while cursor != nil
        return keys
    }
}

/// An answer that differs between the two stores of a ``StorePair``.
package struct StoreDifference: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call of both stores.
    package let operation: String
    /// The answer of the reference.
    package let expected: String
    /// The answer of the tested store.
    package let actual: String

    /// The call, the expected and the actual answer, in one line.
    package var description: String {
        "\(operation): expected \(expected), got \(actual)"
    }
}
