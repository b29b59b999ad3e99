internal import LockFreeMap
internal import Stateline
internal import Synchronization

/// What the cache knows of a session: where its log stands, and the session folded up to there or up to an earlier place.
///
/// It never changes, but for being outdated: then it is served to nobody, even where the cache's map can take no write.
final class CachedSession: Sendable {
    /// Where the log stands, as far as this process knows.
    let newest: Position
    /// The session; where it is not the newest, a load brings what is missing.
    let snapshot: Snapshot?
    /// When the store is known to have stood there.
    let validated: Duration
    private let outdated = Atomic(false)

    init(newest: Position, snapshot: Snapshot?, validated: Duration) {
        self.newest = newest
        self.snapshot = snapshot
        self.validated = validated
    }

    /// The session, where it is all that is known and is not outdated.
    var current: Snapshot? {
        guard let snapshot, snapshot.position == newest, !outdated.load(ordering: .acquiring) else { return nil }
        return snapshot
    }

    /// What it counts for in the cache, its key aside.
    var weight: Int { 256 + (snapshot?.weight ?? 0) }

    /// More is known by now.
    func outdate() {
        outdated.store(true, ordering: .releasing)
    }
}
