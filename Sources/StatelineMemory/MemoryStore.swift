internal import NIOConcurrencyHelpers
public import Stateline

/// A store of record in this process: sessions live as long as the store does.
///
/// A fork shares its parent's batches and outlives it. Deleted sessions leave their key behind, so that they are never
/// created again by mistake; a store that deletes without end grows by its keys.
///
/// ```swift
/// let boundary = Boundary(store: MemoryStore())
/// ```
///
/// - Complexity: one lock around all sessions, held for O(log *n*) by an append, a fork and a deletion, and for O(*k*)
///   by a load of *k* batches, of which none is copied.
public final class MemoryStore: SessionStore {
    /// A lock that the thread sanitizer sees: the standard library's `Mutex` gives false reports where it is contended,
    /// because its slow path is not instrumented.
    private let shelves = NIOLockedValueBox(Shelves())

    /// Makes an empty store.
    public init() {}

    /// Reads the batches after a position, in order.
    public func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        shelves.withLockedValue { $0.load(key, after: position) }
    }

    /// Appends a batch where the log stands at the expected position.
    public func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        precondition(batch.position.revision == position.revision.next, "the batch does not follow the position")
        return shelves.withLockedValue { $0.append(batch, to: key, expecting: position) }
    }

    /// Makes a session that continues another one's log from a position.
    public func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        precondition(first.position.revision == position.revision.next, "the batch does not follow the position")
        precondition(key.tenant == fork.tenant && key.family == fork.family, "the fork is not of the parent's family")
        return shelves.withLockedValue { $0.fork(key, at: position, to: fork, first: first) }
    }

    /// Deletes a session.
    public func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        shelves.withLockedValue { $0.delete(key, expecting: position) }
    }

    /// Lists a tenant's sessions, a page at a time, in the order of their creation.
    ///
    /// A cursor that this store did not make begins anew.
    ///
    /// - Complexity: O(`limit`): a page that meets many deleted sessions is shorter.
    public func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        precondition(limit > 0, "a page holds at least one session")
        return shelves.withLockedValue { $0.list(tenant, cursor: cursor, limit: limit) }
    }
}
