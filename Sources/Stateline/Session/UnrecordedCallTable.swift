/// One life of a session: a key that is created again begins another one.
struct SessionLife: Hashable, Sendable {
    let key: SessionKey
    let incarnation: Incarnation
}

/// The unrecorded calls of all sessions of a boundary, apart from lock and I/O.
///
/// They outlive the handles and the turns that made the calls. A call leaves the table when a batch with it is in the
/// log, or when its session is gone.
struct UnrecordedCallTable: Sendable {
    /// Calls that are known to be missing from the ledger.
    struct Known: Sendable {
        /// The newest known end of their session's log.
        var base: LogEnd
        /// The head whose view the newest of the calls carried.
        var sent: Head
        var crossings: [Crossing] = []

        init(base: LogEnd) {
            self.base = base
            self.sent = base.head
        }
    }

    private struct Row {
        var known: Known
        /// The records of batches with an unknown outcome, the oldest first.
        var unknown: [CallRecord] = []
        /// `true` if the store failed when the calls were last to be written.
        var isFailing = false
        /// The number of calls.
        var callCount: Int { unknown.reduce(known.crossings.count) { $0 + $1.crossings.count } }
    }

    /// The maximum number of sessions without calls for which a failure of the store is remembered.
    private static let failingLimit = 1024

    private var rows: [SessionLife: Row] = [:]
    /// The number of calls in the table.
    private(set) var callCount = 0
    /// The number of sessions without calls for which a failure of the store is remembered.
    private var failingCount = 0
    /// The number of calls that were dropped: the table was full, their session is gone, or the store lost its log.
    private(set) var forgottenCount = 0
    private let limit: Int

    /// Makes an empty table.
    ///
    /// - Parameter limit: The maximum number of calls in the table.
    init(limit: Int) {
        self.limit = limit
    }

    /// The sessions that have unrecorded calls.
    var sessions: [SessionLife] { rows.filter { $0.value.callCount > 0 }.map(\.key) }

    /// Returns `true` if a session has unrecorded calls.
    func hasCalls(_ session: SessionLife) -> Bool { (rows[session]?.callCount ?? 0) > 0 }

    /// `true` if the table holds nothing about any session.
    var isEmpty: Bool { rows.isEmpty }

    /// Returns `true` if a session's next turn has to find out first if the store takes batches.
    func needsCheck(_ session: SessionLife) -> Bool {
        rows[session].map { $0.isFailing || !$0.unknown.isEmpty } ?? false
    }

    /// Adds calls that no batch of the log holds.
    ///
    /// The oldest calls that fit the limit are kept. A failure of the store is remembered without any call, too.
    mutating func add(_ crossings: [Crossing], of session: SessionLife, after base: LogEnd, isFailing: Bool) {
        let kept = crossings.prefix(takeRoom(crossings.count))
        guard !kept.isEmpty || isFailing else { return }
        change(session, after: base) { row in
            if base.revision > row.known.base.revision { row.known.base = base }
            if !kept.isEmpty { row.known.sent = base.head }
            row.known.crossings += kept
            row.isFailing = row.isFailing || isFailing
        }
    }

    /// Adds the calls of a batch with an unknown outcome; the oldest calls that fit the limit are kept.
    mutating func add(unknown record: CallRecord, of session: SessionLife) {
        let kept = record.keeping(takeRoom(record.crossings.count))
        change(session, after: record.base) { row in
            if kept.crossings.isEmpty { row.isFailing = true } else { row.unknown.append(kept) }
        }
    }

    /// Hands over the calls that are known to be missing, to be written with the next batch.
    ///
    /// - Returns: The calls; none if only a failure of the store is remembered, `nil` if there is nothing to find out.
    mutating func takeKnown(_ session: SessionLife) -> Known? {
        guard let row = rows[session], !row.known.crossings.isEmpty || row.isFailing else { return nil }
        callCount -= row.known.crossings.count
        change(session, after: row.known.base) { row in
            row.known.crossings = []
            row.isFailing = false
        }
        return row.known
    }

    /// Hands over the records of batches with an unknown outcome, to find out.
    mutating func takeUnknown(_ session: SessionLife) -> [CallRecord] {
        takeUnknown(session) { _ in true }
    }

    /// Drops the calls of a turn: a batch that holds them is in the log.
    mutating func recorded(_ turn: TurnID, of session: SessionLife) {
        _ = takeUnknown(session) { $0.turn == turn }
    }

    /// Counts calls that no log can show any more.
    mutating func forget(_ count: Int) {
        forgottenCount += count
    }

    /// Drops all calls of a key's sessions, and counts them.
    mutating func forget(_ key: SessionKey) {
        for session in rows.keys where session.key == key {
            forget(takeKnown(session)?.crossings.count ?? 0)
            forget(takeUnknown(session).reduce(0) { $0 + $1.crossings.count })
        }
    }

    private mutating func takeUnknown(_ session: SessionLife, _ isTaken: (CallRecord) -> Bool) -> [CallRecord] {
        guard let row = rows[session], row.unknown.contains(where: isTaken) else { return [] }
        let taken = row.unknown.filter(isTaken)
        callCount -= taken.reduce(0) { $0 + $1.crossings.count }
        change(session, after: row.known.base) { $0.unknown = row.unknown.filter { !isTaken($0) } }
        return taken
    }

    /// Changes a session's row, and drops the row if it holds nothing.
    private mutating func change(_ session: SessionLife, after base: LogEnd, _ body: (inout Row) -> Void) {
        var row = rows[session] ?? Row(known: Known(base: base))
        if rows[session] != nil, row.callCount == 0 { failingCount -= 1 }
        body(&row)
        rows[session] = row
        guard row.callCount == 0 else { return }
        if row.isFailing, failingCount < Self.failingLimit { failingCount += 1 } else { rows[session] = nil }
    }

    /// Takes room for calls, and counts those that do not fit as forgotten.
    ///
    /// - Returns: The number of calls that fit.
    private mutating func takeRoom(_ count: Int) -> Int {
        let kept = min(count, max(limit - callCount, 0))
        forgottenCount += count - kept
        callCount += kept
        return kept
    }
}
