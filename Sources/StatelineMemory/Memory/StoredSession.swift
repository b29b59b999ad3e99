internal import LockFreeMap
internal import Stateline

/// What the map holds under a session's key: the session at one moment, or that it is gone.
///
/// It never changes. A commit, a deletion, an expiry each put another one in its place, by one compare-and-swap of the
/// map: that swap is the moment at which they happen.
final class StoredSession: MapEntry {
    /// A session that was not taken away; whether it lives is a question of time.
    struct Kept: Sendable {
        let log: SessionLog
        /// When the session was created.
        let created: Duration
        /// When it expires; `nil` for never.
        let end: Duration?
        /// Its deadline in the store's queue; `nil` for a session that never expires.
        let deadline: Deadline?
        /// The bytes that it appended.
        let own: OwnedBytes
        /// What it shares with its ancestors.
        let held: [HeldBytes]
    }

    private enum State: Sendable {
        case kept(Kept)
        /// Taken away, and remembered for a while.
        case gone(Absence, until: Duration, Deadline)
    }

    /// What is under the key at some time.
    enum Standing {
        /// A live session.
        case live(Kept)
        /// None any more.
        case gone(Absence)
        /// None, and the time to remember that there was one is over.
        case forgotten
    }

    let key: ByteKey
    /// The same key, for lists.
    let name: SessionKey
    private let state: State

    /// A session.
    init(_ name: SessionKey, key: ByteKey, _ session: Kept) {
        self.name = name
        self.key = key
        self.state = .kept(session)
    }

    /// What is left of a session that is gone.
    init(goneFrom other: StoredSession, _ absence: Absence, until time: Duration) {
        self.name = other.name
        self.key = other.key
        self.state = .gone(absence, until: time, Deadline(other.key))
    }

    /// What the entry counts for, the batches aside.
    var weight: Int { Charge.entry(key.count) + (kept == nil ? 0 : Charge.session) }

    /// What the entry counts for while it waits to be released.
    ///
    /// An entry that a commit replaced shares its batches with the next one. The last one keeps all that the session
    /// appended.
    func limboWeight(replacedBy successor: StoredSession?) -> Int {
        guard let session = kept else { return weight }
        if let next = successor?.kept, next.created == session.created { return weight }
        return weight + session.log.byteCount - session.own.start
    }

    /// The session, where it was not taken away.
    var kept: Kept? {
        switch state {
        case .kept(let session): session
        case .gone: nil
        }
    }

    /// The deadline of the session, or of what is remembered of it.
    var deadline: Deadline? {
        switch state {
        case .kept(let session): session.deadline
        case .gone(_, _, let deadline): deadline
        }
    }

    /// What is under the key now.
    ///
    /// It depends on the time alone, not on whether somebody came by to take away what expired.
    ///
    /// - Parameters:
    ///   - now: The time; asked for only where it matters.
    ///   - retention: How long it is remembered that a session expired.
    /// - Returns: A session that lives, or why there is none.
    func standing(at now: () -> Duration, retention: Duration) -> Standing {
        switch state {
        case .kept(let session):
            guard let end = session.end else { return .live(session) }
            let time = now()
            if time < end { return .live(session) }
            return time < end + retention ? .gone(.expired) : .forgotten
        case .gone(let absence, let end, _): return now() < end ? .gone(absence) : .forgotten
        }
    }
}

extension ByteKey {
    /// The bytes of a session's key: no two keys have the same.
    ///
    /// Every part but the last begins with its length, so that no text in one can be taken for the beginning of another.
    ///
    /// - Complexity: O(*n*) in the length of the key.
    init(_ key: SessionKey) {
        var text = String(key.tenant.rawValue.utf8.count)
        text += ":"
        text += key.tenant.rawValue
        if !key.isRoot {
            text += String(key.family.utf8.count)
        }
        text += ":"
        if !key.isRoot {
            text += key.family
        }
        text += key.id
        self.init(text)
    }
}

extension SessionKey {
    /// Whether the session began its own family.
    fileprivate var isRoot: Bool { family.utf8.elementsEqual(id.utf8) }
}
