internal import LockFreeMap
internal import Stateline

/// The requests that are under way, and the positions that became known meanwhile: a late reply is judged by them.
///
/// The reply to a slow load or append may describe a log that others have appended to since, or that is deleted, and whose
/// newer snapshot the cache has evicted in between. So each request is watched from before it is sent until its reply is
/// taken in.
struct RequestWatch {
    /// A request that is under way.
    struct Ticket: Sendable {
        fileprivate let start: Int
    }

    /// The events of a session since a request was sent.
    struct News {
        /// `true` if the session was removed, or was created again.
        var isRemoved = false
        /// The newest known position of the log.
        var newest: Position?
    }

    private struct Record {
        /// The number of requests that are under way.
        var count = 0
        /// The number of the latest event, and of the latest one of either kind.
        var events = 0
        var removed = 0
        var learnt = 0
        var newest: Position?
    }

    /// The loads that a caller may join: their last reply is not taken in yet.
    private(set) var loads: [ByteKey: SharedLoad] = [:]
    private var records: [ByteKey: Record] = [:]

    /// Opens a load for other callers to join.
    mutating func open(_ load: SharedLoad, of key: ByteKey) {
        loads[key] = load
    }

    /// Closes a load: no further caller may join it.
    ///
    /// Call it in the critical section that takes the load's reply in. A commit that is acknowledged after that section is
    /// not in the reply, and is not watched for the load any more: a caller that joined then would begin with an old session.
    mutating func close(_ load: SharedLoad?, of key: ByteKey) {
        if let load, loads[key] === load { loads[key] = nil }
    }

    /// Begins to watch a request that is about to be sent.
    mutating func began(_ key: ByteKey) -> Ticket {
        records[key, default: Record()].count += 1
        return Ticket(start: records[key]?.events ?? 0)
    }

    /// Ends the watch of a request: the reply is there, or will not come.
    mutating func ended(_ key: ByteKey, _ ticket: Ticket) -> News {
        guard var record = records[key] else { return News() }
        record.count -= 1
        records[key] = record.count > 0 ? record : nil
        return News(
            isRemoved: record.removed > ticket.start,
            newest: record.learnt > ticket.start ? record.newest : nil
        )
    }

    /// Notes that the log is at a position.
    mutating func learnt(_ key: ByteKey, _ position: Position) {
        guard var record = records[key] else { return }
        record.events += 1
        record.learnt = record.events
        if record.newest.map({ !position.isBehind($0) }) ?? true { record.newest = position }
        records[key] = record
    }

    /// Notes that the session is gone.
    mutating func removed(_ key: ByteKey) {
        guard var record = records[key] else { return }
        record.events += 1
        record.removed = record.events
        record.newest = nil
        records[key] = record
    }
}
