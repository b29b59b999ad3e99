internal import LockFreeMap
public import Stateline

extension MemoryStore {
    /// Lists a tenant's sessions, a page at a time, in no order.
    ///
    /// The keys of all tenants are walked: a page reads about 1024 keys and may be short, or empty and not the last one. A
    /// session may be listed twice if the map grows meanwhile. A cursor that this store did not make begins again.
    ///
    /// - Complexity: O(1) a page, O(*n*) for all pages in the number of keys of all tenants.
    public func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        precondition(limit > 0, "the limit of a page must be positive")
        var place = cursor.flatMap(ListPlace.init) ?? ListPlace()
        var keys: [SessionKey] = []
        var seen = 0
        while keys.count < limit, seen < 1024 {
            // One entry is asked for, which makes the map return the fewest entries that it can: those that do not fit on
            // the page have to be named in the cursor.
            let (entries, next) = map.scan(from: place.start, limit: 1)
            seen += entries.count
            for entry in entries where isListed(entry, tenant) {
                let mark = entry.key.hash(.process)
                guard !place.listed.contains(mark) else { continue }
                guard keys.count < limit else { return ListPage(keys: keys, next: place.cursor) }
                keys.append(entry.name)
                place.listed.insert(mark)
            }
            guard let next else { return ListPage(keys: keys, next: nil) }
            place = ListPlace(start: next)
        }
        return ListPage(keys: keys, next: place.cursor)
    }

    /// Returns the newest batch of each of some sessions; `nil` for each that is gone.
    ///
    /// - Complexity: O(*n*) in the number of sessions, whatever their logs.
    public func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        keys.map { key in
            guard case .live(let session)? = find(ByteKey(key))?.standing else { return nil }
            return session.log.newest
        }
    }

    private func isListed(_ entry: StoredSession, _ tenant: Tenant) -> Bool {
        guard entry.name.tenant == tenant, case .live = standing(of: entry) else { return false }
        return true
    }
}

/// The end of a page of a list.
private struct ListPlace {
    /// The beginning of the map's next entries; `nil` for the first ones.
    var start: MapCursor?
    /// The hashes of those keys that were listed already.
    var listed: Set<UInt64> = []

    init(start: MapCursor? = nil) {
        self.start = start
    }

    /// Reads a cursor; `nil` if this store did not make it.
    init?(_ cursor: ListCursor) {
        let fields = cursor.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count >= 2, fields[0] == "memory" else { return nil }
        if fields[1] != "" {
            guard let position = UInt64(fields[1], radix: 16) else { return nil }
            start = MapCursor(position: position)
        }
        for field in fields.dropFirst(2) {
            guard let mark = UInt64(field, radix: 16) else { return nil }
            listed.insert(mark)
        }
    }

    var cursor: ListCursor {
        let position = start.map { String($0.position, radix: 16) } ?? ""
        return ListCursor(
            rawValue: (["memory", position] + listed.map { String($0, radix: 16) }).joined(separator: ".")
        )
    }
}
