extension SessionLog {
    /// Returns a session as a turn or a handle begins with it: from the cache if it may serve it, else from the store.
    ///
    /// With a cache, the session is never older than what was acknowledged in this process before the call.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - dialect: The format that the snapshot is rendered for.
    ///   - held: The caller's own snapshot; `nil` if it opens the session.
    ///   - cost: Receives the cost, whatever the outcome.
    /// - Returns: The session; `nil` if it is absent and the caller holds none.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog, unreadableLog or cancelled.
    func snapshot(
        _ key: SessionKey,
        for dialect: any Dialect,
        after held: Snapshot? = nil,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        let found = try await cachedSnapshot(key, for: dialect, after: held, cost: &cost)
        let hasKeys = keys != nil || found?.cipher != nil
        guard hasKeys, let found, !mayUse(found, isOpening: held == nil) else { return found }
        return try await loaded(key, for: dialect, after: held, cost: &cost)
    }

    /// Returns `true` if this log's keys are those of a snapshot, which may be from a cache that other boundaries share.
    private func mayUse(_ snapshot: Snapshot, isOpening: Bool) -> Bool {
        guard let keys, let cipher = snapshot.cipher else { return false }
        return !isOpening || cipher.isOpen(to: keys)
    }

    private func cachedSnapshot(
        _ key: SessionKey,
        for dialect: any Dialect,
        after held: Snapshot?,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        if let cache {
            let found = cache.lookup(key, isOpening: held == nil)
            // A hit waits for no task, and copies no snapshot but the one that it returns.
            if case .hit(let snapshot) = found {
                cost.found(.hit)
                return snapshot.fitting(held, dialect)
            }
            return try await snapshot(key, for: dialect, after: held, in: cache, found: found, cost: &cost)
        }
        return try await loaded(key, for: dialect, after: held, cost: &cost)
    }

    /// Asks the store, and not the cache.
    private func loaded(
        _ key: SessionKey,
        for dialect: any Dialect,
        after held: Snapshot?,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        if let held { return try await refreshed(held, cost: &cost) }
        switch try await load(key, after: nil, cost: &cost) {
        case .tail(let batches): return try fold(batches, of: key, for: dialect, after: nil, cost: &cost)
        case .gone(.absent): return nil
        case .gone(let absence): throw .gone(key, absence)
        case .current, .regressed: throw .regressed(key)
        }
    }

    /// Asks the store for the batches after a snapshot.
    ///
    /// - Returns: The newest snapshot; `base` itself if there is nothing newer.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of what is new; one round trip.
    func refreshed(
        _ base: Snapshot,
        until deadline: Duration? = nil,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot {
        let missing = try await batches(of: base.key, after: base.position, until: deadline, cost: &cost)
        guard !missing.isEmpty else { return base }
        let newest = try fold(missing, of: base.key, for: base.rendering.dialect, after: base, cost: &cost)
        cache?.offer(newest)
        return newest
    }

    /// Loads the batches after a position, in order; none if the log ends there.
    ///
    /// - Throws: ``SessionError``: gone, regressed, store or unreadableLog.
    package func batches(
        of key: SessionKey,
        after position: Position?,
        until deadline: Duration? = nil,
        cost: inout StoreCost
    ) async throws(SessionError) -> [EncodedBatch] {
        let result =
            if let cache {
                try await load(key, after: position, watchedBy: cache, until: deadline, cost: &cost)
            } else {
                try await load(key, after: position, until: deadline, cost: &cost)
            }
        switch result {
        case .tail(let batches): return batches
        case .current where position != nil: return []
        case .current, .regressed: throw .regressed(key)
        case .gone(let absence): throw .gone(key, absence)
        }
    }

    private func load(
        _ key: SessionKey,
        after position: Position?,
        watchedBy cache: some SessionCache,
        until deadline: Duration?,
        cost: inout StoreCost
    ) async throws(SessionError) -> LoadResult {
        let request = cache.begin(key, for: nil)
        do throws(SessionError) {
            let result = try await load(key, after: position, until: deadline, cost: &cost)
            cache.end(request, with: result.reply(after: position))
            return result
        } catch {
            cache.end(request, with: .nothing)
            throw error
        }
    }

    /// Asks the store once.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: The reader's position; `nil` if it holds nothing.
    ///   - deadline: The time at which to leave the store behind; `nil` for none.
    ///   - cost: Receives the cost, whatever the outcome.
    /// - Returns: The store's answer.
    /// - Throws: ``SessionError``: store or unreadableLog.
    func load(
        _ key: SessionKey,
        after position: Position?,
        until deadline: Duration? = nil,
        cost: inout StoreCost
    ) async throws(SessionError) -> LoadResult {
        let start = now()
        cost.roundTrips += 1
        defer { cost.load += now() - start }
        do throws(StoreError) {
            let result = try await answer(key, after: position, until: deadline)
            health.answered()
            if case .tail(let batches) = result { cost.bytesRead += batches.byteCount }
            return result
        } catch {
            health.failed(error)
            throw SessionError(error, of: key)
        }
    }

    /// Returns the store's answer to a load.
    ///
    /// A load that the store may not end by itself is watched: the cancellation of the task ends it, and so does the
    /// deadline. If the load ignores that, it is left behind.
    private func answer(
        _ key: SessionKey,
        after position: Position?,
        until deadline: Duration?
    ) async throws(StoreError) -> LoadResult {
        if let timeLimit, deadline.map({ now() + timeLimit <= $0 + Self.grace }) ?? true {
            return try await store.load(key, after: position)
        }
        return try await watched(until: deadline, isShielded: false, leaving: .unansweredLoad) {
            () async throws(StoreError) in
            try await store.load(key, after: position)
        }
    }

    /// Folds batches into the session that they follow.
    ///
    /// - Parameters:
    ///   - batches: The batches.
    ///   - key: The session.
    ///   - dialect: The format that the snapshot is rendered for.
    ///   - base: The session before them; `nil` if they are the whole log, or its beginning.
    ///   - known: The encryption of a whole log, as far as it is known.
    ///   - cost: Receives the cost.
    /// - Returns: The session.
    /// - Throws: ``SessionError``: corruptLog, unreadableLog or sealed.
    func fold(
        _ batches: [EncodedBatch],
        of key: SessionKey,
        for dialect: any Dialect,
        after base: Snapshot?,
        by known: SessionCipher? = nil,
        cost: inout StoreCost
    ) throws(SessionError) -> Snapshot {
        let start = now()
        defer { cost.decode += now() - start }
        var cipher = known
        if cipher == nil, base == nil { cipher = try self.cipher(of: key) }
        do throws(LogError) {
            guard let base else {
                return try Snapshot.folding(batches, of: key, dialect: dialect, cipher: cipher)
            }
            return try base.following(batches)
        } catch {
            throw SessionError(error, of: key)
        }
    }
}

extension LoadResult {
    /// Returns the reply that the result gives to a cache.
    fileprivate func reply(after position: Position?) -> CacheReply {
        switch self {
        case .tail(let batches): batches.last.map { .newest($0.position) } ?? .nothing
        case .current: position.map { .newest($0) } ?? .nothing
        case .gone, .regressed: .gone
        }
    }
}

extension StoreError {
    /// A load that was left behind.
    fileprivate static var unansweredLoad: StoreError {
        StoreError(.unavailable, committed: .no, message: "the store did not answer in time")
    }
}
