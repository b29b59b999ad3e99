extension SessionLog {
    /// Loads the batches of a session that the cache lacks, or waits for a caller that loads them.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - dialect: The format that the snapshot is rendered for.
    ///   - held: The caller's own snapshot; `nil` if it opens the session.
    ///   - cache: The cache.
    ///   - found: The result of the lookup that has just been made.
    ///   - cost: Receives the cost, whatever the outcome.
    /// - Returns: The session; `nil` if it is absent and the caller holds none.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog, unreadableLog or cancelled.
    func snapshot<Cache: SessionCache>(
        _ key: SessionKey,
        for dialect: any Dialect,
        after held: Snapshot?,
        in cache: Cache,
        found: CacheLookup,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        var found = found
        while true {
            var load = CachedLoad<Cache>(cache: cache, key: key, dialect: dialect, held: held)
            switch found {
            case .hit(let snapshot):
                cost.found(.hit)
                return snapshot.fitting(held, dialect)
            case .ask(let known, let isNewest):
                load.known = known
                load.isNewest = isNewest
            }
            switch cache.join(key) {
            case .alone: return try await perform(load, cost: &cost)
            case .leading(let shared):
                load.shared = shared
                do throws(SessionError) {
                    let snapshot = try await perform(load, cost: &cost)
                    cache.complete(shared, of: key, with: .loaded(snapshot))
                    return snapshot
                } catch {
                    // Those that wait must not fail because this caller was cancelled: another one of them asks.
                    cache.complete(shared, of: key, with: Task.isCancelled ? .abandoned : .failed(error))
                    throw error
                }
            case .following(let shared):
                let start = now()
                let result = await cache.wait(for: shared)
                cost.load += now() - start
                switch result {
                case .loaded(let snapshot):
                    let isSame = snapshot?.position == load.known?.position
                    cost.found(load.isNewest ? isSame ? .validated : .stale : .miss)
                    return snapshot?.fitting(held, dialect)
                case .failed(let error) where error.isOfOneReader:
                    // What another caller held is not in the store. This one asks for itself.
                    if case .ask(let known, let isNewest) = cache.lookup(key, isOpening: held == nil) {
                        load.known = known
                        load.isNewest = isNewest
                    }
                    return try await perform(load, cost: &cost)
                case .failed(let error): throw error
                case .cancelled: throw .cancelled()
                case .abandoned: found = cache.lookup(key, isOpening: held == nil)
                }
            }
        }
    }

    /// A load of the batches that the cache and the caller lack.
    private struct CachedLoad<Cache: SessionCache> {
        let cache: Cache
        let key: SessionKey
        let dialect: any Dialect
        /// The caller's own snapshot.
        let held: Snapshot?
        /// The cache's snapshot, the newest or not.
        var known: Snapshot?
        /// `true` if the cache had nothing newer than `known`.
        var isNewest = false
        /// The load that other callers wait for; `nil` if none can.
        var shared: Cache.Load?

        init(cache: Cache, key: SessionKey, dialect: any Dialect, held: Snapshot?) {
            self.cache = cache
            self.key = key
            self.dialect = dialect
            self.held = held
        }

        /// The newest snapshot at hand, to load from.
        var base: Snapshot? {
            guard let held else { return known?.rendered(for: dialect) }
            guard let known, held.position.isBehind(known.position) else { return held }
            return known.rendered(for: dialect)
        }

        /// Returns `true` if the store has less of a session than this process has seen; a session that was created
        /// again is another one.
        func isRegress(_ snapshot: Snapshot?) -> Bool {
            guard let known, let snapshot else { return false }
            return snapshot.position.incarnation == known.position.incarnation
        }
    }

    /// The result of asking the store once.
    private enum Answer {
        /// The session, the newest that is known; `nil` if there is none.
        case newest(Snapshot?)
        /// The session as it was before concurrent changes; `nil` if it was removed.
        case late(Snapshot?)
        /// The position that was asked for is not in the store.
        case regressed
    }

    private func perform(
        _ load: CachedLoad<some SessionCache>,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        var outcome = load.isNewest ? CacheOutcome.validated : .miss
        defer { cost.found(outcome) }
        var base = load.base
        var hasRegressed = false
        while true {
            switch try await ask(load, after: base, &outcome, cost: &cost) {
            case .newest(let snapshot):
                if hasRegressed, load.isRegress(snapshot) { throw .regressed(load.key) }
                return snapshot
            case .late(let snapshot):
                // Other writers committed first: in each round, a batch of theirs was acknowledged.
                base = snapshot ?? load.held
            case .regressed:
                // What the caller holds is not in the store. If only the cache held it, the whole session is read: it
                // may be another one by now.
                guard load.held == nil, !hasRegressed else { throw .regressed(load.key) }
                hasRegressed = true
                base = nil
            }
        }
    }

    /// Asks the store once.
    private func ask(
        _ load: CachedLoad<some SessionCache>,
        after base: Snapshot?,
        _ outcome: inout CacheOutcome,
        cost: inout StoreCost
    ) async throws(SessionError) -> Answer {
        let request = load.cache.begin(load.key, for: load.shared)
        let result: LoadResult
        do throws(SessionError) {
            result = try await self.load(load.key, after: base?.position, cost: &cost)
        } catch {
            load.cache.end(request, with: .nothing)
            throw error
        }
        let snapshot: Snapshot
        switch result {
        case .tail(let batches):
            if outcome == .validated { outcome = .stale }
            do throws(SessionError) {
                snapshot = try fold(batches, of: load.key, for: load.dialect, after: base, cost: &cost)
            } catch {
                load.cache.end(request, with: .gone)
                throw error
            }
        case .current:
            guard let base else { fallthrough }
            snapshot = base
        case .regressed:
            load.cache.end(request, with: .gone)
            return .regressed
        case .gone(let absence):
            if case .late = load.cache.end(request, with: .gone) { return .late(nil) }
            guard absence == .absent, load.held == nil else { throw .gone(load.key, absence) }
            return .newest(nil)
        }
        switch load.cache.end(request, with: .session(snapshot)) {
        case .taken: return .newest(snapshot)
        case .late(let newest): return .late(newest == nil ? nil : snapshot)
        case .regressed: throw .regressed(load.key)
        }
    }
}

extension Snapshot {
    /// Returns the session for a caller's dialect; the caller's own snapshot if it is the same or newer.
    func fitting(_ held: Snapshot?, _ dialect: any Dialect) -> Snapshot {
        guard let held, held.position == position || position.isBehind(held.position) else {
            return rendered(for: dialect)
        }
        return held
    }
}

extension SessionError {
    /// `true` if the failure of a load depends on what its caller held.
    fileprivate var isOfOneReader: Bool {
        switch self {
        case .regressed, .gone(_, .absent), .cancelled: true
        default: false
        }
    }
}
