internal import Synchronization

/// What the handles of each session share in this process: the newest snapshot if there is no cache for it, and the gate
/// at which turns wait for each other if the boundary asks for one.
///
/// A session is in it for as long as it has a handle.
final class SessionDirectory: Sendable {
    private struct Place {
        /// Tells this place from a later one of the same key.
        let number: Int
        weak var session: SharedSession?
    }

    private struct State {
        var places: [SessionKey: Place] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    fileprivate let sharesSnapshots: Bool
    fileprivate let waitingTurnLimit: Int?

    /// Makes a directory without a session.
    ///
    /// - Parameters:
    ///   - sharesSnapshots: `true` if handles tell each other what they committed, so that turns that follow one another
    ///     on different handles begin with what the one before added; `false` if a cache does.
    ///   - waitingTurnLimit: The most turns of one session that wait; `nil` if turns do not wait for each other.
    init(sharesSnapshots: Bool, waitingTurnLimit: Int?) {
        self.sharesSnapshots = sharesSnapshots
        self.waitingTurnLimit = waitingTurnLimit
    }

    /// The number of sessions that have a handle.
    var sessionCount: Int { state.withLock { $0.places.count } }

    /// Returns what the handles of a session share.
    ///
    /// - Complexity: O(1), once for each handle.
    func session(_ key: SessionKey) -> SharedSession {
        state.withLock { state in
            if let session = state.places[key]?.session { return session }
            state.count += 1
            let session = SharedSession(key, number: state.count, in: self)
            state.places[key] = Place(number: state.count, session: session)
            return session
        }
    }

    /// Forgets a session whose last handle has gone, unless another one took its place.
    fileprivate func released(_ key: SessionKey, number: Int) {
        state.withLock { state in
            // The object is not looked at here: letting go of it under the lock could end it under the lock.
            if state.places[key]?.number == number { state.places[key] = nil }
        }
    }
}

/// What the handles of one session share.
final class SharedSession: Sendable {
    private let key: SessionKey
    private let number: Int
    private let directory: SessionDirectory
    /// The newest snapshot that the handles had from the store; `nil` if a cache has it.
    private let newest = Mutex<Snapshot?>(nil)
    /// The queue of the session's turns; `nil` if turns do not wait for each other.
    let gate: TurnGate?

    fileprivate init(_ key: SessionKey, number: Int, in directory: SessionDirectory) {
        self.key = key
        self.number = number
        self.directory = directory
        self.gate = directory.waitingTurnLimit.map { TurnGate(key, limit: $0) }
    }

    deinit {
        directory.released(key, number: number)
    }

    /// Where the newest snapshot stands.
    var position: Position? { newest.withLock { $0?.position } }

    /// Takes a snapshot that the store has just acknowledged or sent; of one life of the session the newest one stays.
    func learn(_ snapshot: Snapshot) {
        guard directory.sharesSnapshots else { return }
        newest.withLock { newest in
            if let known = newest?.position, snapshot.position.isBehind(known) { return }
            newest = snapshot
        }
    }

    /// Takes a snapshot that was loaded.
    ///
    /// - Parameters:
    ///   - snapshot: What the store has.
    ///   - known: What was known when the load began. If nothing was learnt since, the store's word is the newer one,
    ///     also where it went back.
    func loaded(_ snapshot: Snapshot, after known: Position?) {
        guard directory.sharesSnapshots else { return }
        newest.withLock { newest in
            if let other = newest?.position, other != known, snapshot.position.isBehind(other) { return }
            newest = snapshot
        }
    }

    /// Returns a snapshot that is newer than a handle's own, as the handle's dialect renders it.
    func newer(than own: Snapshot) -> Snapshot? {
        // A snapshot is copied only if it is newer: a copy retains all that it holds.
        let position = own.position
        let newer = newest.withLock { known in
            guard let newest = known?.position, position.isBehind(newest) else { return nil as Snapshot? }
            return known
        }
        return newer?.rendered(for: own.rendering.dialect)
    }
}
