internal import LockFreeMap
internal import NIOConcurrencyHelpers
internal import Stateline

/// A request to the store that is under way.
struct CacheRequest: Sendable {
    let key: ByteKey
    let ticket: RequestWatch.Ticket
    /// The shared load that makes the request; `nil` for any other request.
    let load: SharedLoad?
    /// The time before it was sent.
    let start: Duration
}

extension CachedSessions {
    /// Begins to watch a request that is about to be sent.
    func begin(_ key: ByteKey, load: SharedLoad? = nil) -> CacheRequest {
        let ticket = watch(key).withLockedValue { $0.began(key) }
        return CacheRequest(key: key, ticket: ticket, load: load, start: now())
    }

    /// Takes in a reply, compared with the positions that became known since its request was sent.
    ///
    /// The reply is taken in and its shared load is closed in one critical section. After a late reply the load stays open:
    /// its leader asks again, and what is acknowledged before a caller joins is in that reply.
    @discardableResult
    func settle(_ request: CacheRequest, _ reply: CacheReply) -> CacheSettlement {
        watch(request.key)
            .withLockedValue { watch in
                let settlement = judge(reply, to: request, &watch)
                if case .late = settlement { return settlement }
                watch.close(request.load, of: request.key)
                return settlement
            }
    }

    private func judge(_ reply: CacheReply, to request: CacheRequest, _ watch: inout RequestWatch) -> CacheSettlement {
        let key = request.key
        let news = watch.ended(key, request.ticket)
        switch reply {
        case .nothing: return .taken
        case .deleted:
            watch.removed(key)
            drop(key)
            return .taken
        case .gone:
            guard news.newest == nil, !news.isRemoved else { return .late(newest: news.newest) }
            drop(key)
            return .taken
        case .contains(let position), .newest(let position):
            guard isNew(position, beside: news, key, &watch) else { return .late(newest: news.newest) }
            let isNewest = if case .newest = reply { true } else { false }
            if !isNewest, entries.get(key) == nil {
                // A later commit may be acknowledged and its snapshot evicted: a former position of the log, put into the
                // cache as the newest, would hide it.
                watch.learnt(key, position)
                return .taken
            }
            return install(position, nil, validated: isNewest ? request.start : nil, at: key, &watch)
        case .session(let snapshot):
            guard isNew(snapshot.position, beside: news, key, &watch) else { return .late(newest: news.newest) }
            return install(snapshot.position, snapshot, validated: request.start, at: key, &watch)
        }
    }

    /// Returns `true` if a position is not behind the one that became known since the request was sent.
    private func isNew(
        _ position: Position,
        beside news: RequestWatch.News,
        _ key: ByteKey,
        _ watch: inout RequestWatch
    ) -> Bool {
        if news.isRemoved || news.newest.map({ $0.incarnation != position.incarnation }) ?? false {
            // The later life of the session cannot be told from the earlier one: neither is served.
            watch.removed(key)
            drop(key)
            return false
        }
        return !(news.newest.map(position.isBehind) ?? false)
    }

    /// Puts the position of a log into the cache, with the snapshot or with the former one to load from.
    ///
    /// `time` is the time at which the log was known to be there; `nil` if it may have continued since.
    private func install(
        _ position: Position,
        _ snapshot: Snapshot?,
        validated time: Duration?,
        at key: ByteKey,
        _ watch: inout RequestWatch
    ) -> CacheSettlement {
        let known = entries.get(key)
        if let known, position.isBehind(known.newest) {
            guard time != nil else { return .late(newest: known.newest) }
            watch.removed(key)
            drop(key)
            return .regressed
        }
        watch.learnt(key, position)
        let former = known?.snapshot.flatMap { $0.position.incarnation == position.incarnation ? $0 : nil }
        let validated = max(time ?? .zero, known?.newest == position ? known?.validated ?? .zero : .zero)
        put(CachedSession(newest: position, snapshot: snapshot ?? former, validated: validated), over: known, at: key)
        return .taken
    }

    /// Takes a snapshot if the log was last known to be at its position.
    func fill(_ snapshot: Snapshot, at key: ByteKey) {
        watch(key)
            .withLockedValue { _ in
                guard let known = entries.get(key), known.newest == snapshot.position, known.current == nil else {
                    return
                }
                put(
                    CachedSession(newest: known.newest, snapshot: snapshot, validated: known.validated),
                    over: known,
                    at: key
                )
            }
    }

    /// Puts a session into the cache; if the cache cannot take it, nothing is served.
    private func put(_ session: CachedSession, over known: CachedSession?, at key: ByteKey) {
        if let known, known.newest != session.newest { known.outdate() }
        let weight = session.weight + key.count
        do {
            if let known,
                case .exchanged = try entries.compareExchange(
                    key,
                    expected: known,
                    desired: session,
                    weight: weight
                )
            {
                return
            }
            // All writes of a key are under its lock: the former entry was evicted.
            _ = try entries.insert(ifAbsent: session, at: key, weight: weight)
        } catch {
            drop(key)
        }
    }

    /// Removes a session from the cache.
    ///
    /// It is not served any more even if the map can take no write now.
    private func drop(_ key: ByteKey) {
        guard let known = entries.get(key) else { return }
        known.outdate()
        _ = try? entries.remove(key, expecting: known)
    }
}
