internal import LockFreeMap
internal import Stateline
internal import Synchronization

/// The cache's entry of a session: the position of its log, and the session folded up to that or an earlier position.
///
/// An entry never changes, but for being outdated: then it is not served any more, even if the map can take no write that
/// removes it.
final class CachedSession: Sendable {
    /// The newest known position of the log.
    let newest: Position
    /// The session; if it is not the newest, a load brings the missing batches.
    let snapshot: Snapshot?
    /// The time at which the log is known to have been there.
    let validated: Duration
    private let outdated = Atomic(false)

    init(newest: Position, snapshot: Snapshot?, validated: Duration) {
        self.newest = newest
        self.snapshot = snapshot
        self.validated = validated
    }

    /// The session, if it is the newest known one and the entry is not outdated.
    var current: Snapshot? {
        guard let snapshot, snapshot.position == newest, !outdated.load(ordering: .acquiring) else { return nil }
        return snapshot
    }

    /// The bytes that it counts for in the cache, without its key.
    var weight: Int { 256 + (snapshot?.weight ?? 0) }

    /// Stops the entry from being served: a newer position is known.
    func outdate() {
        outdated.store(true, ordering: .releasing)
    }
}
