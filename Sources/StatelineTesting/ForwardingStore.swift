package import Stateline

/// A store that forwards the calls that it does not implement, for test stores that change one of them.
package protocol ForwardingStore: SessionStore {
    /// The store that calls are forwarded to.
    var base: any SessionStore { get }
}

extension ForwardingStore {
    /// The limit of the other store.
    package var timeLimit: Duration? { base.timeLimit }

    /// Forwards the call.
    package func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        try await base.load(key, after: position)
    }

    /// Forwards the call.
    package func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        try await base.append(batch, to: key, expecting: position)
    }

    /// Forwards the call.
    package func branches(of key: SessionKey) async throws(StoreError) -> [SessionKey] {
        try await base.branches(of: key)
    }

    /// Forwards the call.
    package func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        try await base.fork(key, at: position, to: fork, first: first)
    }

    /// Forwards the call.
    package func position(of key: SessionKey) async throws(StoreError) -> Position? {
        try await base.position(of: key)
    }

    /// Forwards the call.
    package func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        try await base.delete(key, expecting: position)
    }

    /// Forwards the call.
    package func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(tenant, cursor: cursor, limit: limit)
    }

    /// Forwards the call.
    package func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        try await base.newest(of: keys)
    }

    /// Forwards the call.
    package func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        try await base.lease(of: key, renewing: turn)
    }
}
