internal import LockFreeMap
internal import NIOConcurrencyHelpers
internal import NIOCore
package import Stateline

extension CachedStore: SnapshotCache {
    /// Gives the cache a snapshot; it is taken where it is what the store was last known to hold.
    package func offer(_ snapshot: Snapshot) {
        fill(snapshot, at: ByteKey(snapshot.key))
    }

    /// The session as a turn or a handle begins with it.
    package func checkout(
        _ key: SessionKey,
        for dialect: any Dialect,
        holding held: Snapshot?,
        stopwatch: Stopwatch
    ) async throws(SessionError) -> CacheCheckout {
        let byteKey = ByteKey(key)
        while true {
            let known = cache.get(byteKey)
            let current = known?.current.flatMap { memory?.stands(byteKey, at: $0.position) ?? true ? $0 : nil }
            stopwatch.lap(.cacheLookup)
            if let known, let current, held == nil || isFresh(known) {
                return CacheCheckout(current.fitting(held, dialect), .hit)
            }
            var load = Load(key: key, byteKey: byteKey, dialect: dialect, held: held, known: known?.snapshot)
            load.wasCurrent = known?.current != nil
            switch lead(byteKey) {
            case .alone: return try await perform(load, stopwatch).get()
            case .leading(let flight):
                load.flight = flight
                let result = await perform(load, stopwatch)
                land(flight, byteKey, result)
                return try result.get()
            case .following(let flight):
                let landing = await flight.wait()
                stopwatch.lap(.storeLoad)
                switch landing {
                case .loaded(let snapshot):
                    let isSame = snapshot?.position == current?.position
                    let outcome: CacheOutcome = current == nil ? .miss : isSame ? .validated : .stale
                    return CacheCheckout(snapshot?.fitting(held, dialect), outcome)
                case .failed(let error): throw error
                case .cancelled: throw .cancelled()
                case .abandoned: continue
                }
            }
        }
    }

    /// Whether what is known is new enough to begin a turn with.
    private func isFresh(_ known: CachedSession) -> Bool {
        switch validation {
        case .optimistic: true
        case .beforeCall: false
        case .maxAge(let age): now() - known.validated <= age
        }
    }

    // MARK: One load for many

    /// The part of a caller in the load of a session.
    enum Role {
        /// It asks the store, for itself.
        case alone
        /// It asks the store, for itself and for those that follow.
        case leading(Flight)
        /// It waits for a caller that asks the store.
        case following(Flight)
    }

    /// Joins the load of a session that is under way, or begins one.
    func lead(_ key: ByteKey) -> Role {
        let time = now()
        switch validation {
        case .beforeCall: return .alone
        case .optimistic, .maxAge: break
        }
        return watch(key)
            .withLockedValue { watch in
                if let flight = watch.flights[key] {
                    if case .maxAge(let age) = validation, time - flight.start > age { return .alone }
                    return .following(flight)
                }
                let flight = Flight(start: time)
                watch.open(flight, of: key)
                return .leading(flight)
            }
    }

    /// Tells the result of a load to the callers that wait for it.
    ///
    /// If the leader was cancelled, another one has to load. A load whose reply was taken in has left the table by then (``settle(_:_:)``), and another one may be in its place.
    func land(_ flight: Flight, _ key: ByteKey, _ result: Result<CacheCheckout, SessionError>) {
        watch(key).withLockedValue { $0.close(flight, of: key) }
        switch result {
        case .success(let checkout): flight.land(.loaded(checkout.snapshot))
        case .failure(let error): flight.land(Task.isCancelled ? .abandoned : .failed(error))
        }
    }

    // MARK: Loading

    /// A load of what is missing.
    private struct Load {
        let key: SessionKey
        let byteKey: ByteKey
        let dialect: any Dialect
        /// What the caller has.
        let held: Snapshot?
        /// What the cache has, the newest or not.
        let known: Snapshot?
        /// Whether the cache had what it knew as the newest.
        var wasCurrent = false
        /// The load that other callers wait for; `nil` if none can.
        var flight: Flight?

        /// What to load from: the newest that is at hand.
        var base: Snapshot? {
            guard let held else { return known?.rendered(for: dialect) }
            guard let known, held.position.isBehind(known.position) else { return held }
            return known.rendered(for: dialect)
        }

        func fold(_ batches: [EncodedBatch], after base: Snapshot?) throws(SessionError) -> Snapshot {
            guard let base else { return try Snapshot.folding(batches, of: key, dialect: dialect) }
            return try base.following(batches)
        }

        /// Whether the store has less of a session than this process knew: not, where the session is another one.
        func isRegress(_ snapshot: Snapshot?) -> Bool {
            guard let known, let snapshot else { return false }
            return snapshot.position.incarnation == known.position.incarnation
        }
    }

    private func perform(_ load: Load, _ stopwatch: Stopwatch) async -> Result<CacheCheckout, SessionError> {
        do throws(SessionError) {
            var checkout = CacheCheckout(nil, load.wasCurrent ? .validated : .miss)
            var base = load.base
            var hasRegressed = false
            while true {
                switch try await ask(load, after: base, &checkout, stopwatch) {
                case .newest(let snapshot):
                    if hasRegressed, load.isRegress(snapshot) { throw .regressed(load.key) }
                    checkout.snapshot = snapshot
                    return .success(checkout)
                case .late(let snapshot):
                    // Others were faster: each time round, something of theirs was acknowledged.
                    base = snapshot ?? load.held
                case .regressed:
                    // What the caller holds is not in the store. Where it was only the cache that held it, the whole
                    // session is read: it may be another one by now.
                    guard load.held == nil, !hasRegressed else { throw .regressed(load.key) }
                    hasRegressed = true
                    base = nil
                }
            }
        } catch {
            return .failure(error)
        }
    }

    private enum Answer {
        /// The session, the newest that is known; `nil` where there is none.
        case newest(Snapshot?)
        /// The session as it was before what others did meanwhile; `nil` where it was removed.
        case late(Snapshot?)
        /// What it was asked from is not in the store.
        case regressed
    }

    /// Asks the store once.
    private func ask(
        _ load: Load,
        after base: Snapshot?,
        _ checkout: inout CacheCheckout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> Answer {
        let request = begin(load.byteKey, flight: load.flight)
        checkout.roundTrips += 1
        let result: LoadResult
        do throws(StoreError) { result = try await self.base.load(load.key, after: base?.position) } catch {
            abandon(request)
            throw SessionError(error, of: load.key)
        }
        stopwatch.lap(.storeLoad)
        let snapshot: Snapshot
        switch result {
        case .tail(let batches):
            checkout.bytesRead += batches.reduce(0) { $0 + $1.bytes.readableBytes }
            if checkout.outcome == .validated { checkout.outcome = .stale }
            do throws(SessionError) { snapshot = try load.fold(batches, after: base) } catch {
                settle(request, .lost)
                throw error
            }
            stopwatch.lap(.decode)
        case .current:
            guard let base else { fallthrough }
            snapshot = base
        case .regressed:
            settle(request, .lost)
            return .regressed
        case .gone(let absence):
            if case .late = settle(request, .lost) { return .late(nil) }
            guard absence == .absent, load.held == nil else { throw .gone(load.key, absence) }
            return .newest(nil)
        }
        switch settle(request, .holds(snapshot)) {
        case .taken: return .newest(snapshot)
        case .late(let newest): return .late(newest == nil ? nil : snapshot)
        case .regressed: throw .regressed(load.key)
        }
    }
}

extension Snapshot {
    /// This session for a caller's dialect; the caller's own snapshot where it is the same or newer.
    fileprivate func fitting(_ held: Snapshot?, _ dialect: any Dialect) -> Snapshot {
        guard let held, held.position == position || position.isBehind(held.position) else {
            return rendered(for: dialect)
        }
        return held
    }
}
