/// A store of the logs of sessions.
///
/// A store keeps bytes and compares positions; it does not interpret entries, models or turns. All writing is
/// compare-and-append on the whole position, so that an operation with a position is safe to repeat after any outcome.
/// Absent, expired, deleted, evicted and unreachable are different answers, and none of them is an empty log.
///
/// A store makes one attempt for each call, and reports the outcome, as far as it is known, in
/// ``StoreError/committed``. The boundary's log repeats a write whose outcome is unknown.
public protocol SessionStore: Sendable {
    /// The time after which an attempt ends by itself, answered or not; `nil` if there is no limit, or none is known.
    ///
    /// An attempt that may last beyond the caller's deadline is watched, which takes two tasks. A store that forwards to
    /// another one returns that one's limit. The default is `nil`.
    var timeLimit: Duration? { get }

    /// Reads the batches after a position, in order.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: The reader's position; `nil` if the reader holds nothing.
    /// - Returns: The missing batches, or the reason why there are none. A fork's log begins with its ancestors' batches.
    /// - Throws: ``StoreError`` if the store gave no answer.
    /// - Complexity: O(*n*) in the size of the missing batches; one round trip.
    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult

    /// Appends a batch if the log is at the expected position.
    ///
    /// Appending the first batch at ``Position/origin(of:incarnation:)`` creates the session. Linearizable for each
    /// session; safe to repeat: a batch that is in the log already is ``AppendResult/duplicate(_:)``.
    ///
    /// - Throws: ``StoreError``, which says if the batch was committed.
    /// - Complexity: O(*n*) in the size of the batch; one round trip.
    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult

    /// Makes a session that continues another one's log from a position.
    ///
    /// - Parameters:
    ///   - key: The parent.
    ///   - position: The position in the parent's log at which the fork begins.
    ///   - fork: The new session's key, of the same tenant and family.
    ///   - first: The fork's first batch, which follows `position`.
    /// - Returns: The outcome.
    /// - Throws: ``StoreError``, which says if the fork was made.
    /// - Complexity: O(log *n*), no batch is copied; one round trip.
    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult

    /// Returns the position of a session's newest batch; `nil` if there is no session.
    ///
    /// A deletion that may be repeated needs it: it says which session was meant. The batches need not be readable. The
    /// default loads them.
    ///
    /// - Throws: ``StoreError`` if the store gave no answer.
    /// - Complexity: O(1), one round trip; the default is O(*n*) in the size of the log.
    func position(of key: SessionKey) async throws(StoreError) -> Position?

    /// Deletes a session. Its forks live on.
    ///
    /// Safe to repeat only with a position: without one, a repetition may delete a session that was created under the
    /// same key since the first attempt.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: The position at which the log must be; `nil` for any.
    /// - Returns: The outcome.
    /// - Throws: ``StoreError``, which says if the session was deleted.
    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult

    /// Lists a tenant's sessions, a page at a time: for administrators, not for the path of a request.
    ///
    /// A session that lives throughout is listed at least once, in no order.
    ///
    /// - Parameters:
    ///   - tenant: The tenant.
    ///   - cursor: The end of the page before; `nil` for the first page.
    ///   - limit: The maximum number of sessions on the page, at least 1.
    /// - Returns: A page, and the cursor of the next one.
    /// - Throws: ``StoreError`` if the store gave no answer.
    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage

    /// Returns the newest batch of each of some sessions, such as those of a page of a list.
    ///
    /// The newest batch's head says which turn is open. The default loads each session whole.
    ///
    /// - Parameter keys: The sessions.
    /// - Returns: For each session its newest batch; `nil` if there is no session.
    /// - Throws: ``StoreError`` if the store gave no answer, or if the newest batch of one session cannot be read.
    /// - Complexity: O(*n*) in the size of the newest batches; the default is O(*n*) in the size of the logs.
    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?]

    /// Counts a renewal of the lease of a session's open turn, or reads the count.
    ///
    /// The count is no part of the log, so renewals cost no reader anything. It is a sign of life only: commits are
    /// fenced by positions, whatever it says. A count that the store forgets, such as at a restart, starts again. A store
    /// has one count for a session: the renewal of another turn starts it again at 1.
    ///
    /// A renewal starts the idle time of the session's ``Lifetime`` again, as a commit does, so a session does not expire
    /// while a turn of it is at work. To read the count does not. A renewal that is sent twice may count twice.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - turn: The turn whose lease is renewed; `nil` to read only.
    /// - Returns: The count, and the position of the newest batch; a commit at the same time may be in it or not. The
    ///   default has no count.
    /// - Throws: ``StoreError`` if the store gave no answer.
    /// - Complexity: O(1); one round trip.
    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult

    /// Lists the live sessions of a family: the session that it began with, unless that is gone, and all forks.
    ///
    /// For people and for administrators, not for the path of a request. The default lists the tenant's sessions.
    ///
    /// - Parameter key: Any session of the family, live or not.
    /// - Returns: The sessions, each once, in no order.
    /// - Throws: ``StoreError`` if the store gave no answer.
    /// - Complexity: The default is O(*n*) in the number of the tenant's sessions.
    func branches(of key: SessionKey) async throws(StoreError) -> [SessionKey]
}

extension SessionStore {
    /// No count: turns are taken over after their term.
    public func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        .unsupported
    }

    /// Loads each session for its newest batch.
    public func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        var newest: [EncodedBatch?] = []
        for key in keys {
            if case .tail(let batches) = try await load(key, after: nil) {
                newest.append(batches.last)
            } else {
                newest.append(nil)
            }
        }
        return newest
    }

    /// No limit is known.
    public var timeLimit: Duration? { nil }

    /// Lists the tenant's sessions.
    public func branches(of key: SessionKey) async throws(StoreError) -> [SessionKey] {
        var branches: Set<SessionKey> = []
        var cursor: ListCursor?
        repeat {
            let page = try await list(key.tenant, cursor: cursor, limit: 1000)
            for listed in page.keys where listed.isBranch(of: key) { branches.insert(listed) }
            cursor = page.next
        } while cursor != nil
        return Array(branches)
    }

    /// Loads the session for its position.
    public func position(of key: SessionKey) async throws(StoreError) -> Position? {
        guard case .tail(let batches) = try await load(key, after: nil) else { return nil }
        return batches.last?.position
    }
}

/// The reason why there is no session to read or to append to.
@nonexhaustive
public enum Absence: Hashable, Sendable {
    /// There is no session, and the store has no record of a former one.
    case absent
    /// The session's lifetime ended.
    case expired
    /// The session was deleted.
    case deleted
    /// The store removed the session to make room, or may have: it cannot tell the session from one that never was.
    case evicted
}

extension SessionKey {
    /// Returns `true` if two sessions are of one tenant and one family, compared by their bytes.
    package func isBranch(of other: SessionKey) -> Bool {
        tenant.rawValue.utf8.elementsEqual(other.tenant.rawValue.utf8)
            && family.utf8.elementsEqual(other.family.utf8)
    }
}
