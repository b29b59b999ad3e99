internal import NIOConcurrencyHelpers

/// The shared state of each session's handles: the newest snapshot if there is no cache for it, and the gate at which
/// turns wait for each other if the boundary asks for one.
///
/// A session is in the directory for as long as it has a handle.
final class SessionDirectory: Sendable {
    private struct Slot {
        /// A number that distinguishes this slot from a later one of the same key.
        let number: Int
        weak var session: SharedSession?
    }

    private struct State {
        var slots: [SessionKey: Slot] = [:]
        var count = 0
    }

    private let state = NIOLockedValueBox(State())
    fileprivate let sharesSnapshots: Bool
    fileprivate let waitingTurnLimit: Int?

    /// Makes a directory without a session.
    ///
    /// - Parameters:
    ///   - sharesSnapshots: `true` if handles share their newest snapshot, so that turns that follow one another on
    ///     different handles begin with the entries of the turn before; `false` if a cache does this.
    ///   - waitingTurnLimit: The maximum number of a session's waiting turns; `nil` if turns do not wait for each other.
    init(sharesSnapshots: Bool, waitingTurnLimit: Int?) {
        self.sharesSnapshots = sharesSnapshots
        self.waitingTurnLimit = waitingTurnLimit
    }

    /// The number of sessions that have a handle.
    var sessionCount: Int { state.withLockedValue { $0.slots.count } }

    /// Returns the shared state of a session's handles.
    ///
    /// - Complexity: O(1), once for each handle.
    func session(_ key: SessionKey) -> SharedSession {
        state.withLockedValue { state in
            if let session = state.slots[key]?.session { return session }
            state.count += 1
            let session = SharedSession(key, number: state.count, in: self)
            state.slots[key] = Slot(number: state.count, session: session)
            return session
        }
    }

    /// Drops the snapshot that a session's handles share.
    func forget(_ key: SessionKey) {
        state.withLockedValue { $0.slots[key]?.session }?.forget()
    }

    /// Forgets a session whose last handle has gone, unless it was opened again.
    fileprivate func released(_ key: SessionKey, number: Int) {
        state.withLockedValue { state in
            // The object is not read here: releasing it under the lock could run its deinit under the lock.
            if state.slots[key]?.number == number { state.slots[key] = nil }
        }
    }
}

/// The shared state of one session's handles.
final class SharedSession: Sendable {
    private let key: SessionKey
    private let number: Int
    private let directory: SessionDirectory
    /// The newest snapshot that a handle got from the store; `nil` if a cache keeps it.
    private let newest = NIOLockedValueBox<Snapshot?>(nil)
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

    /// The position of the newest snapshot.
    var position: Position? { newest.withLockedValue { $0?.position } }

    /// Takes a snapshot that the store has just acknowledged or sent.
    ///
    /// Of one life of the session the newest one is kept.
    func learn(_ snapshot: Snapshot) {
        guard directory.sharesSnapshots else { return }
        newest.withLockedValue { newest in
            if let known = newest?.position, snapshot.position.isBehind(known) { return }
            newest = snapshot
        }
    }

    /// Drops the snapshot.
    fileprivate func forget() { newest.withLockedValue { $0 = nil } }

    /// Takes a snapshot that was loaded.
    ///
    /// - Parameters:
    ///   - snapshot: The loaded snapshot.
    ///   - known: The position that was known when the load began. If nothing was learnt since, the loaded snapshot
    ///     replaces the known one, although it may be older: the store may have lost commits.
    func loaded(_ snapshot: Snapshot, after known: Position?) {
        guard directory.sharesSnapshots else { return }
        newest.withLockedValue { newest in
            if let other = newest?.position, other != known, snapshot.position.isBehind(other) { return }
            newest = snapshot
        }
    }

    /// Returns a snapshot that is newer than a handle's own, as the handle's dialect renders it.
    func newer(than own: Snapshot) -> Snapshot? {
        // A snapshot is copied only if it is newer: a copy retains all that it holds.
        let position = own.position
        let newer = newest.withLockedValue { known in
            guard let newest = known?.position, position.isBehind(newest) else { return nil as Snapshot? }
            return known
        }
        return newer?.rendered(for: own.rendering.dialect)
    }
}
