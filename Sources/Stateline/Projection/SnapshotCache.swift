/// A store that keeps sessions folded and rendered, beside their logs, for all handles of this process.
///
/// A boundary finds out by itself whether its store is one. What a session appends goes through the store's own
/// operations; the snapshot that comes of it is offered afterwards, so that nothing is decoded or rendered again.
package protocol SnapshotCache: SessionStore {
    /// The session as a turn or a handle begins with it.
    ///
    /// It is never older than what was acknowledged in this process before the call.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - dialect: The format that the snapshot is to be rendered for.
    ///   - held: What the caller has; `nil` where it opens the session.
    ///   - stopwatch: Where the stages of the lookup, the load and the decoding are lapped.
    /// - Returns: The session, or `nil` for its snapshot where there is none and none is known to have been.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog, unreadableLog or cancelled.
    func checkout(
        _ key: SessionKey,
        for dialect: any Dialect,
        holding held: Snapshot?,
        stopwatch: Stopwatch
    ) async throws(SessionError) -> CacheCheckout

    /// Gives the cache a snapshot; it is taken where it is what the store was last known to hold.
    func offer(_ snapshot: Snapshot)
}

/// What a ``SnapshotCache`` gave, and what it cost.
package struct CacheCheckout: Sendable {
    /// The session.
    package var snapshot: Snapshot?
    /// What became of the lookup.
    package var outcome: CacheOutcome
    /// How often the store was asked for this caller.
    package var roundTrips: Int
    /// Bytes of batches that the store sent for this caller.
    package var bytesRead: Int

    /// Makes one.
    package init(_ snapshot: Snapshot?, _ outcome: CacheOutcome, roundTrips: Int = 0, bytesRead: Int = 0) {
        self.snapshot = snapshot
        self.outcome = outcome
        self.roundTrips = roundTrips
        self.bytesRead = bytesRead
    }
}

/// Where the snapshot came from that a turn began with.
public enum CacheOutcome: String, Hashable, Sendable {
    /// There is no cache: the handle's own snapshot was taken, or the session was loaded for it.
    case bypassed
    /// From the cache, without asking the store.
    case hit
    /// From the cache; the store was asked, and had nothing newer.
    case validated
    /// From the cache and the store: what the cache had was not the newest.
    case stale
    /// From the store: the cache did not have the session.
    case miss
}

/// What it took to bring a session into a handle: the times of its stages, and what was asked of the store.
struct Provision: Sendable {
    var times = StageTimes()
    var outcome = CacheOutcome.bypassed
    var roundTrips = 0
    var bytesRead = 0

    /// Adds what a checkout took; where either of the two asked the store, that is what became of the lookup.
    mutating func add(_ checkout: CacheCheckout) {
        if outcome == .bypassed || outcome == .hit { outcome = checkout.outcome }
        roundTrips += checkout.roundTrips
        bytesRead += checkout.bytesRead
    }
}
