internal import Stateline

/// The sessions of a store: what ``MemoryStore`` does, apart from its lock.
struct Shelves {
    private struct Slot {
        /// The log; `nil` once the session was deleted.
        var log: SessionLog?
    }

    private var slots: [SessionKey: Slot] = [:]
    /// The keys that a tenant ever used, in the order of their creation.
    ///
    /// No key is used twice, so that a place in here stays good for ever.
    private var keys: [Tenant: [SessionKey]] = [:]

    func load(_ key: SessionKey, after position: Position?) -> LoadResult {
        guard let slot = slots[key] else { return .gone(.absent) }
        return slot.log?.load(after: position) ?? .gone(.deleted)
    }

    mutating func append(_ batch: EncodedBatch, to key: SessionKey, expecting position: Position) -> AppendResult {
        // In place: a log that is held twice would be copied in part.
        if let result = slots[key]?.log?.append(batch, expecting: position) { return result }
        return slots[key] == nil ? create(key, batch, expecting: position) : .gone(.deleted)
    }

    private mutating func create(
        _ key: SessionKey,
        _ batch: EncodedBatch,
        expecting position: Position
    ) -> AppendResult {
        guard position.revision == 0 else { return .gone(.absent) }
        guard position == .origin(of: key, incarnation: batch.position.incarnation) else { return .regressed }
        put(SessionLog(origin: position, first: batch), at: key)
        return .committed
    }

    mutating func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) -> ForkResult {
        // The fork's own key comes first: whoever asks again is told that it is there, even once its parent is gone.
        if let taken = slots[fork] {
            return taken.log?.contains(first.position) == true ? .duplicate : .taken
        }
        guard let parent = slots[key] else { return .gone(.absent) }
        guard let log = parent.log else { return .gone(.deleted) }
        guard let forked = log.forked(at: position, first: first) else { return .regressed }
        put(forked, at: fork)
        return .forked
    }

    mutating func delete(_ key: SessionKey, expecting position: Position?) -> DeleteResult {
        guard let slot = slots[key] else { return .gone(.absent) }
        guard let log = slot.log else { return .gone(.deleted) }
        guard position == nil || position == log.position else { return .stale }
        slots[key] = Slot()
        return .deleted
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) -> ListPage {
        let all = keys[tenant] ?? []
        let start = cursor.flatMap { Int($0.rawValue) }.flatMap { all.indices.contains($0) ? $0 : nil } ?? 0
        let end = min(all.count - start, limit) + start
        let page = all[start..<end].filter { slots[$0]?.log != nil }
        return ListPage(keys: page, next: end < all.count ? ListCursor(rawValue: String(end)) : nil)
    }

    private mutating func put(_ log: SessionLog, at key: SessionKey) {
        slots[key] = Slot(log: log)
        keys[key.tenant, default: []].append(key)
    }
}
