package import Stateline

/// Two stores that are asked the same, of which one is the reference: the first answer that differs is an error.
///
/// ```swift
/// let clock = ManualClock()
/// var pair = StorePair(MemoryStore(clock: clock), reference: ReferenceStore(clock: clock), acknowledged: .memory) {
///     clock.advance(by: $0)
/// }
/// for _ in 0..<3000 { try await pair.step(using: &random) }
/// ```
///
/// Answers are compared whole, the batches in them too. How far a commit got is the store's own affair: it has to be what
/// the pair was told.
package struct StorePair<Store: SessionStore, Reference: SessionStore>: Sendable {
    /// The store that is tried.
    package let store: Store
    /// The store that is believed.
    package let reference: Reference
    private let acknowledged: Acknowledged
    private let pass: @Sendable (Duration) throws -> Void
    /// All writers that were ever right, by the session that they write.
    var writers: [SessionKey: [LogWriter]] = [:]

    /// Puts two stores beside each other.
    ///
    /// - Parameters:
    ///   - store: The store that is tried; empty.
    ///   - reference: The store that is believed; empty, with the same lifetime and retention.
    ///   - acknowledged: What the tried store says of each commit.
    ///   - pass: Lets time pass for both.
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

    /// Lets time pass for both.
    ///
    /// - Throws: What the closure throws that lets it pass.
    package func advance(by duration: Duration) throws {
        try pass(duration)
    }

    /// Appends a batch to both.
    ///
    /// - Returns: What both did with it.
    /// - Throws: ``StoreDifference``, or what a store throws.
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

    /// Makes a fork in both.
    ///
    /// - Returns: What both did.
    /// - Throws: ``StoreDifference``, or what a store throws.
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

    /// Deletes a session in both.
    ///
    /// - Throws: ``StoreDifference``, or what a store throws.
    package func delete(_ key: SessionKey, at position: Position?) async throws {
        let actual = try await store.delete(key, expecting: position)
        let expected = try await reference.delete(key, expecting: position)
        try compare("delete of \(key)", actual, expected)
    }

    /// Loads a session from both.
    ///
    /// - Throws: ``StoreDifference``, or what a store throws.
    package func load(_ key: SessionKey, after position: Position?) async throws {
        let actual = try await store.load(key, after: position)
        let expected = try await reference.load(key, after: position)
        try compare("load of \(key) after \(position?.revision.description ?? "nothing")", actual, expected)
    }

    /// Lists a tenant's sessions in both, to the last page.
    ///
    /// - Throws: ``StoreDifference``, or what a store throws.
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

/// An answer that two stores of a ``StorePair`` do not share.
package struct StoreDifference: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked.
    package let operation: String
    /// What the reference answered.
    package let expected: String
    /// What the tried store answered.
    package let actual: String

    /// What was asked, what was expected and what came instead, in one line.
    package var description: String {
        "\(operation): expected \(expected), got \(actual)"
    }
}
