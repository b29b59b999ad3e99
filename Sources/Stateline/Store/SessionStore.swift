/// Where the logs of sessions are kept.
///
/// A store keeps bytes and compares positions; it knows nothing of entries, models or turns. All writing is
/// compare-and-append on the whole position, so that every operation is safe to repeat after any outcome. Absent,
/// expired, deleted, evicted and unreachable are different answers, and none of them is an empty log.
public protocol SessionStore: Sendable {
    /// Reads the batches after a position, in order.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: What the reader holds; `nil` for nothing.
    /// - Returns: What is missing, or why there is nothing to give. A fork's log begins with its ancestors' batches.
    /// - Throws: ``StoreError`` where the store gave no answer.
    /// - Complexity: O(*n*) in the size of what is missing; one round trip.
    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult

    /// Appends a batch where the log stands at the expected position.
    ///
    /// Appending the first batch at ``Position/origin(of:incarnation:)`` creates the session. Linearizable for each
    /// session; safe to repeat: a batch that is there already is ``AppendResult/duplicate(_:)``.
    ///
    /// - Throws: ``StoreError``, which tells whether the batch was committed.
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
    ///   - position: Where in the parent's log the fork begins.
    ///   - fork: The new session's key, of the same tenant and family.
    ///   - first: The fork's first batch, which follows `position`.
    /// - Returns: What was done, or why nothing was.
    /// - Throws: ``StoreError``, which tells whether the fork was made.
    /// - Complexity: O(log *n*), no batch is copied; one round trip.
    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult

    /// Deletes a session. Its forks live on.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: Deletes only where the log stands there; `nil` deletes it wherever it stands.
    /// - Returns: What was done, or why nothing was.
    /// - Throws: ``StoreError``, which tells whether the session was deleted.
    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult

    /// Lists a tenant's sessions, a page at a time: for administrators, not for the path of a request.
    ///
    /// A session that lives throughout is listed at least once, in no order.
    ///
    /// - Parameters:
    ///   - tenant: Whose sessions.
    ///   - cursor: Where the page before ended; `nil` for the first one.
    ///   - limit: The most sessions wanted, at least 1.
    /// - Returns: A page, and where the next one begins.
    /// - Throws: ``StoreError`` where the store gave no answer.
    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage
}

/// Why there is no session to read or to append to.
public enum Absence: Hashable, Sendable {
    /// There is none, and the store knows of none that was.
    case absent
    /// Its lifetime ended.
    case expired
    /// It was deleted.
    case deleted
    /// The store gave it up to make room.
    case evicted
}

/// What ``SessionStore/load(_:after:)`` found.
public enum LoadResult: Hashable, Sendable {
    /// The batches that the reader lacks, at least one.
    case tail([EncodedBatch])
    /// The reader has all there is.
    case current
    /// There is no session.
    case gone(Absence)
    /// The reader's position is not in the log: the store went back, or the session was created again.
    case regressed
}

/// What ``SessionStore/append(_:to:expecting:)`` did.
public enum AppendResult: Hashable, Sendable {
    /// The batch is in the log.
    case committed(Acknowledged)
    /// The batch was in the log already, from an earlier attempt.
    case duplicate(Acknowledged)
    /// The log has moved on; here is what came after the expected position.
    case stale(missing: [EncodedBatch])
    /// The expected position is not in the log: the store went back, or the session was created again.
    case regressed
    /// There is no session.
    case gone(Absence)
}

/// What ``SessionStore/fork(_:at:to:first:)`` did.
public enum ForkResult: Hashable, Sendable {
    /// The fork is there.
    case forked
    /// The fork was there already, from an earlier attempt.
    case duplicate
    /// Another session has the fork's key, or had it and is gone.
    case taken
    /// The position is not in the parent's log.
    case regressed
    /// There is no parent.
    case gone(Absence)
}

/// What ``SessionStore/delete(_:expecting:)`` did.
public enum DeleteResult: Hashable, Sendable {
    /// The session is deleted.
    case deleted
    /// The log does not stand at the expected position.
    case stale
    /// There is no session.
    case gone(Absence)
}

/// Where a page of a list ended: opaque, and good only for the store that made it.
public struct ListCursor: Hashable, Sendable {
    /// The store's own text.
    public let rawValue: String

    /// Makes a cursor.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A page of a list.
public struct ListPage: Hashable, Sendable {
    /// The sessions on this page; a page may be empty and not be the last one.
    public let keys: [SessionKey]
    /// Where the next page begins; `nil` after the last one.
    public let next: ListCursor?

    /// Makes a page.
    public init(keys: [SessionKey], next: ListCursor?) {
        self.keys = keys
        self.next = next
    }
}

/// Why a store gave no answer.
public struct StoreError: Error, Hashable, Sendable {
    /// Whether what was asked for took effect.
    public enum Committed: String, Hashable, Sendable {
        /// It did.
        case yes
        /// It did not, and will not.
        case no
        /// Nobody can say; asking again with the same batch is safe and tells.
        case unknown
    }

    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// The store cannot be reached.
        case unavailable
        /// The store has no room.
        case full
        /// What the store holds is not what was written.
        case corrupt
        /// The store refused the credentials, or what they allow.
        case denied
        /// The store holds a batch that a newer writer made and that this library cannot read. Nothing is damaged: update
        /// this process.
        case unreadable(FormatError)
    }

    /// What went wrong.
    public let reason: Reason
    /// Whether what was asked for took effect.
    public let committed: Committed
    /// What happened, for people: never content, keys or addresses with passwords.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, committed: Committed, message: String) {
        self.reason = reason
        self.committed = committed
        self.message = message
    }
}

extension StoreError: CustomStringConvertible {
    /// What happened, in one line.
    public var description: String {
        let state =
            switch committed {
            case .yes: "committed"
            case .no: "not committed"
            case .unknown: "not known whether committed"
            }
        return "the store failed (\(reason), \(state)): \(message)"
    }
}
