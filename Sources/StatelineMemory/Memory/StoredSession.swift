internal import LockFreeMap
internal import Stateline

/// The map's entry of a session's key: the session at one moment, or a mark that the session is gone.
///
/// An entry never changes, but for the count of renewals that it may refer to. A commit, a deletion and an expiry replace
/// it, by one compare-and-swap of the map: the swap is the moment at which they happen.
final class StoredSession: MapEntry {
    /// A session that was not removed; its lifetime may have ended.
    struct Content: Sendable {
        let log: BatchLog
        /// The time of the session's creation.
        let created: Duration
        /// The time at which it expires; `nil` for never.
        var end: Duration?
        /// Its deadline in the store's queue; `nil` for a session that never expires.
        let deadline: Deadline?
        /// The bytes that it appended.
        let own: OwnedBytes
        /// The bytes that it shares with its ancestors.
        let held: [HeldBytes]
        /// The renewals of the lease of its newest turn with one; `nil` if there were none.
        var renewals: RenewalCount?
    }

    private enum State: Sendable {
        case kept(Content)
        /// A mark: the session was removed, and is remembered for a while.
        case gone(Absence, until: Duration, Deadline)
    }

    /// The standing of the key at some time.
    enum Standing {
        /// A live session.
        case live(Content)
        /// No session any more.
        case gone(Absence)
        /// No session, and the time to remember that there was one is over.
        case forgotten
    }

    let key: ByteKey
    /// The same key, for lists.
    let name: SessionKey
    private let state: State

    /// Makes the entry of a session.
    init(_ name: SessionKey, key: ByteKey, _ session: Content) {
        self.name = name
        self.key = key
        self.state = .kept(session)
    }

    /// Makes the mark of a session that is gone.
    init(goneFrom other: StoredSession, _ absence: Absence, until time: Duration) {
        self.name = other.name
        self.key = other.key
        self.state = .gone(absence, until: time, Deadline(other.key))
    }

    /// The bytes that the entry counts for, without the batches.
    var weight: Int { Charge.entry(key.count) + (kept == nil ? 0 : Charge.session) }

    /// Returns the bytes that the entry counts for while it waits to be released.
    ///
    /// An entry that a commit replaced shares its batches with the next one. The last one keeps all batches that the session
    /// appended.
    func limboWeight(replacedBy successor: StoredSession?) -> Int {
        guard let session = kept else { return weight }
        if let next = successor?.kept, next.created == session.created { return weight }
        return weight + session.log.byteCount - session.own.start
    }

    /// The session; `nil` if it was removed.
    var kept: Content? {
        switch state {
        case .kept(let session): session
        case .gone: nil
        }
    }

    /// The deadline of the session, or of its mark.
    var deadline: Deadline? {
        switch state {
        case .kept(let session): session.deadline
        case .gone(_, _, let deadline): deadline
        }
    }

    /// Returns the standing of the key.
    ///
    /// It depends on the time alone, not on a sweep that removes expired sessions.
    ///
    /// - Parameters:
    ///   - now: Returns the time; called only if the result depends on it.
    ///   - retention: The time for which an expired session is remembered.
    /// - Returns: The live session, or the reason why there is none.
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
    /// Makes the key of a session; different sessions have different keys.
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
    /// `true` if the session began its own family.
    fileprivate var isRoot: Bool { family.utf8.elementsEqual(id.utf8) }
}
