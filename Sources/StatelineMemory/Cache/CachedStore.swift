internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import Stateline

/// A cache over any store: sessions stay in this process folded and rendered, so that a turn on one that is known needs
/// no round trip to begin, and decodes and renders nothing.
///
/// ```swift
/// let boundary = Boundary(store: CachedStore(MemoryStore(), byteLimit: 64 << 20, validation: .beforeCall))
/// ```
///
/// What it holds is the session's snapshot, which all handles of this process share. Every write goes to the store
/// beneath, whose answer decides; nothing is ever held back. An operation of `SessionStore` that is asked of the cache
/// itself is passed on, and what its answer tells is kept.
///
/// ## What is never served
///
/// No turn begins with what is older than a commit that was acknowledged in this process before it, or with a session
/// whose deletion was: also where a load that began earlier is answered later, and where the newer snapshot was evicted
/// in between. A session that is gone or has regressed is not kept. What other *processes* commit is seen as
/// ``CacheValidation`` says; a commit on what they made old is stale, and brings what is missing into the cache.
///
/// ## Round trips of a turn
///
/// | | to begin | to commit |
/// |---|---|---|
/// | the session is in the cache, `.optimistic` | 0 | 1 |
/// | validated: `.beforeCall`, or `.maxAge` after that time | 1 | 1 |
/// | the session is not in the cache | 1 | 1 |
///
/// Over a ``MemoryStore`` what is in the cache is compared with the store at each opening and each turn, without a round
/// trip, whatever the validation.
///
/// A handle that is opened takes what the cache has; its first turn validates it, where that is asked for, also where
/// the session was loaded for the handle.
///
/// Callers that need the same absent session at the same time wait for one load, whose round trip is counted to the one
/// that made it; where that one is cancelled, another one loads. With `.beforeCall` each makes its own, because a load
/// that began earlier proves nothing.
///
/// ## Memory
///
/// The bytes that a session counts for are an estimate: 1,280 with its key, twice what is rendered of it, and 256 for each
/// entry of its log. What is evicted is loaded again when it is needed.
///
/// - Complexity: a hit is a wait-free read of a lock-free map; a commit takes one lock of 64 three times, for O(1).
public final class CachedStore<Base: SessionStore>: SessionStore {
    /// The store beneath.
    public let base: Base
    /// The sessions that are kept.
    public let sessions: SessionCache
    /// The same store, if it is one whose positions can be looked at without a round trip.
    let memory: MemoryStore?

    /// Makes a cache over a store.
    ///
    /// - Parameters:
    ///   - base: The store of record.
    ///   - cache: Where sessions are kept; no other store uses it.
    public init(_ base: Base, cache: SessionCache) {
        self.base = base
        self.sessions = cache
        self.memory = base as? MemoryStore
    }

    /// Makes a cache over a store, which is empty.
    ///
    /// - Parameters:
    ///   - base: The store of record.
    ///   - byteLimit: About how many bytes the sessions may take; above 0.
    ///   - validation: When to ask the store whether what is here is the newest.
    ///   - clock: What ages are timed by; never goes back.
    public convenience init(
        _ base: Base,
        byteLimit: Int = SessionCache.defaultByteLimit,
        validation: CacheValidation = .optimistic,
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.init(base, cache: SessionCache(byteLimit: byteLimit, validation: validation, clock: clock))
    }

    /// When the store is asked whether what is here is the newest.
    public var validation: CacheValidation { sessions.validation }

    var cache: LockFreeCache<ByteKey, CachedSession> { sessions.entries }
    var now: @Sendable () -> Duration { sessions.now }

    /// The lock of a key, and what is watched under it.
    func watch(_ key: ByteKey) -> NIOLockedValueBox<Watch> { sessions.watch(key) }

    /// Reads the batches after a position from the store.
    public func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let byteKey = ByteKey(key)
        let request = begin(byteKey)
        let result: LoadResult
        do throws(StoreError) { result = try await base.load(key, after: position) } catch {
            abandon(request)
            throw error
        }
        switch result {
        case .tail(let batches):
            guard let newest = batches.last?.position else { fallthrough }
            settle(request, .stands(newest))
        case .current:
            if let position { settle(request, .stands(position)) } else { abandon(request) }
        case .gone, .regressed: settle(request, .lost)
        }
        return result
    }

    /// Appends a batch to the session's log in the store.
    public func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let request = begin(ByteKey(key))
        let result: AppendResult
        do throws(StoreError) { result = try await base.append(batch, to: key, expecting: position) } catch {
            if error.committed == .yes { settle(request, .lost) } else { abandon(request) }
            throw error
        }
        switch result {
        case .committed: settle(request, .stands(batch.position))
        case .duplicate: settle(request, .stood(batch.position))
        case .stale(let missing): settle(request, .stands(missing.last?.position ?? position))
        case .regressed, .gone: settle(request, .lost)
        }
        return result
    }

    /// Makes a session in the store that continues another one's log from a position.
    public func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        let request = begin(ByteKey(fork))
        let result: ForkResult
        do throws(StoreError) { result = try await base.fork(key, at: position, to: fork, first: first) } catch {
            abandon(request)
            throw error
        }
        switch result {
        case .forked: settle(request, .stands(first.position))
        case .duplicate: settle(request, .stood(first.position))
        case .taken, .regressed, .gone: abandon(request)
        }
        return result
    }

    /// Deletes a session in the store.
    public func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let request = begin(ByteKey(key))
        let result: DeleteResult
        do throws(StoreError) { result = try await base.delete(key, expecting: position) } catch {
            if error.committed == .no { abandon(request) } else { settle(request, .lost) }
            throw error
        }
        switch result {
        case .deleted: settle(request, .deleted)
        case .gone: settle(request, .lost)
        case .stale: abandon(request)
        }
        return result
    }

    /// Lists the store's sessions of a tenant.
    public func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(tenant, cursor: cursor, limit: limit)
    }
}
