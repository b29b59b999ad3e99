/// The result of ``SessionStore/load(_:after:)``.
@nonexhaustive
public enum LoadResult: Hashable, Sendable {
    /// The batches that the reader lacks, at least one.
    case tail([EncodedBatch])
    /// The reader has all batches.
    case current
    /// There is no session.
    case gone(Absence)
    /// The reader's position is not in the log: the store lost commits, or the session was created again.
    case regressed
}

/// The result of ``SessionStore/append(_:to:expecting:)``.
@nonexhaustive
public enum AppendResult: Hashable, Sendable {
    /// The batch is in the log.
    case committed(Acknowledged)
    /// The batch was in the log already, from an earlier attempt.
    case duplicate(Acknowledged)
    /// The log has moved on; these batches, at least one, came after the expected position.
    case stale(missing: [EncodedBatch])
    /// The expected position is not in the log: the store lost commits, or the session was created again.
    case regressed
    /// There is no session.
    case gone(Absence)
}

/// The result of ``SessionStore/fork(_:at:to:first:)``.
@nonexhaustive
public enum ForkResult: Hashable, Sendable {
    /// The fork exists.
    case forked
    /// The fork existed already, from an earlier attempt.
    case duplicate
    /// Another session has the fork's key, or had it and is gone.
    case taken
    /// The position is not in the parent's log.
    case regressed
    /// There is no parent.
    case gone(Absence)
}

/// The result of ``SessionStore/delete(_:expecting:)``.
@nonexhaustive
public enum DeleteResult: Hashable, Sendable {
    /// The session is deleted.
    case deleted
    /// The log is not at the expected position.
    case stale
    /// There is no session.
    case gone(Absence)
}

/// The result of ``SessionStore/lease(of:renewing:)``.
@nonexhaustive
public enum LeaseResult: Hashable, Sendable {
    /// The session exists.
    ///
    /// - Parameters:
    ///   - turn: The turn of the newest renewal; `nil` if none is known.
    ///   - renewals: The number of renewals of that turn's lease that the store remembers.
    ///   - position: The position of the newest batch.
    case lease(of: TurnID?, renewals: UInt64, position: Position)
    /// There is no session.
    case gone(Absence)
    /// The store does not count renewals.
    case unsupported
}

/// The end of a page of a list: opaque, and valid only for the store that made it.
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
    /// The cursor of the next page; `nil` after the last one.
    public let next: ListCursor?

    /// Makes a page.
    public init(keys: [SessionKey], next: ListCursor?) {
        self.keys = keys
        self.next = next
    }
}
