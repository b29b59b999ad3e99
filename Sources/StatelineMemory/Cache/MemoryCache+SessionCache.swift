internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import Stateline

extension MemoryCache: SessionCache {
    /// A load that several callers share.
    public struct Load: Sendable {
        let load: SharedLoad
    }

    /// A request that the cache watches.
    public struct Request: Sendable {
        let request: CacheRequest
    }

    /// Looks a session up, without a lock.
    public func lookup(_ key: SessionKey, isOpening: Bool) -> CacheLookup {
        let byteKey = ByteKey(key)
        guard let known = sessions.entries.get(byteKey) else { return .ask(known: nil, isNewest: false) }
        guard let current = known.current else { return .ask(known: known.snapshot, isNewest: false) }
        guard isOpening || sessions.isFresh(known), compared?.stands(byteKey, at: current.position) ?? true else {
            return .ask(known: current, isNewest: true)
        }
        return .hit(current)
    }

    /// Joins the load of a session that is under way, or begins one.
    public func join(_ key: SessionKey) -> CacheLoadRole<Load> {
        switch sessions.join(ByteKey(key)) {
        case .alone: .alone
        case .leading(let load): .leading(Load(load: load))
        case .following(let load): .following(Load(load: load))
        }
    }

    /// Waits for the result of a load that another caller makes; returns at once if the task is cancelled.
    public func wait(for load: Load) async -> CacheLoadResult {
        await load.load.wait()
    }

    /// Hands the result of a load to the callers that wait for it.
    public func complete(_ load: Load, of key: SessionKey, with result: CacheLoadResult) {
        sessions.complete(load.load, of: ByteKey(key), with: result)
    }

    /// Begins to watch a request that is about to be sent.
    public func begin(_ key: SessionKey, for load: Load?) -> Request {
        Request(request: sessions.begin(ByteKey(key), load: load?.load))
    }

    /// Takes in the reply to a request, compared with the positions that became known since it was sent.
    @discardableResult
    public func end(_ request: Request, with reply: CacheReply) -> CacheSettlement {
        sessions.settle(request.request, reply)
    }

    /// Takes a snapshot if the store was last known to be at its position.
    public func offer(_ snapshot: Snapshot) {
        sessions.fill(snapshot, at: ByteKey(snapshot.key))
    }
}
