/// A cache of the sessions of one store in this process, folded and rendered, so that a turn begins without a round
/// trip.
///
/// A ``Boundary`` is given its cache beside its store. The boundary's log asks the store, and the cache watches: each
/// request is announced before it is sent and ended with what its reply tells, so that the cache never serves a session
/// that is older than a commit acknowledged in this process before the lookup, or one whose deletion was.
///
/// `MemoryCache` of the module `StatelineMemory` is one.
public protocol SessionCache: Sendable {
    /// A load that several callers share: one of them asks the store, the others wait.
    associatedtype Load: Sendable
    /// A request to the store, watched from before it is sent until its reply is taken in.
    associatedtype Request: Sendable

    /// Looks a session up.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - isOpening: `true` if a handle is opened, which needs no validation; `false` if a turn begins.
    /// - Returns: The session, or what a load can begin with.
    /// - Complexity: a hit takes no lock and waits for no task.
    func lookup(_ key: SessionKey, isOpening: Bool) -> CacheLookup

    /// Joins the load of a session that is under way, or begins one.
    func join(_ key: SessionKey) -> CacheLoadRole<Load>

    /// Waits for the result of a load that another caller makes; returns at once if the task is cancelled.
    func wait(for load: Load) async -> CacheLoadResult

    /// Hands the result of a load to the callers that wait for it.
    func complete(_ load: Load, of key: SessionKey, with result: CacheLoadResult)

    /// Begins to watch a request that is about to be sent.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - load: The shared load that makes the request; `nil` for any other request.
    /// - Returns: The request, to be ended exactly once.
    func begin(_ key: SessionKey, for load: Load?) -> Request

    /// Takes in the reply to a request, compared with the positions that became known since it was sent.
    ///
    /// - Returns: The worth of the reply.
    @discardableResult
    func end(_ request: Request, with reply: CacheReply) -> CacheSettlement

    /// Offers a snapshot; the cache takes it if the store was last known to be at its position.
    func offer(_ snapshot: Snapshot)
}

/// The result of ``SessionCache/lookup(_:isOpening:)``.
public enum CacheLookup: Sendable {
    /// The session, which the caller may begin with.
    case hit(Snapshot)
    /// The store has to be asked.
    ///
    /// `known` is what the cache has, to load from; `isNewest` is `true` if the cache has nothing newer.
    case ask(known: Snapshot?, isNewest: Bool)
}

/// The part of a caller in the load of a session.
public enum CacheLoadRole<Load: Sendable>: Sendable {
    /// The caller asks the store, for itself.
    case alone
    /// The caller asks the store, for itself and for those that follow.
    case leading(Load)
    /// The caller waits for another one that asks the store.
    case following(Load)
}

/// The result of a shared load.
public enum CacheLoadResult: Sendable {
    /// The session; `nil` if there is none.
    case loaded(Snapshot?)
    /// The failure of the load.
    case failed(SessionError)
    /// The caller that asked the store was cancelled: another one has to ask.
    case abandoned
    /// The caller that waits was cancelled.
    case cancelled
}

/// The information about a session in a reply of the store.
public enum CacheReply: Sendable {
    /// The log was there when the store answered.
    case newest(Position)
    /// The session, as it was when the store answered.
    case session(Snapshot)
    /// The log holds the position's batch; it may have continued since.
    case contains(Position)
    /// There is no session, or it is not the known one.
    case gone
    /// The session is deleted from now on.
    case deleted
    /// Nothing: there was no reply, or one that says nothing about the session.
    case nothing
}

/// The worth of a reply to a cache.
public enum CacheSettlement: Sendable {
    /// The cache holds the content of the reply.
    case taken
    /// More was known already, up to `newest`; `nil` if the session was removed meanwhile and nothing can be said.
    case late(newest: Position?)
    /// The store had acknowledged more batches than it returns now.
    case regressed
}
