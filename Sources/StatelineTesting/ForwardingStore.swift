package import Stateline

/// A store that passes on whatever it does not answer itself, for stores of tests with one peculiarity.
package protocol ForwardingStore: SessionStore {
    /// Where it is passed on to.
    var base: any SessionStore { get }
}

extension ForwardingStore {
    /// Asks the base.
    package func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        try await base.load(key, after: position)
    }

    /// Asks the base.
    package func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        try await base.append(batch, to: key, expecting: position)
    }

    /// Asks the base.
    package func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        try await base.fork(key, at: position, to: fork, first: first)
    }

    /// Asks the base.
    package func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        try await base.delete(key, expecting: position)
    }

    /// Asks the base.
    package func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(tenant, cursor: cursor, limit: limit)
    }
}
