internal import LockFreeMap
internal import Stateline

/// What became known of a session while something was asked of the store: a reply that comes late is judged by it.
///
/// A load that was slow, or an append whose reply was, may tell of a log that others have appended to since, or that is
/// deleted, and whose newer snapshot the cache has evicted in between. So each request is watched from before it is sent
/// until its reply is taken in.
struct RequestWatch {
    /// A request that is under way.
    struct Ticket: Sendable {
        fileprivate let start: Int
    }

    /// What became known since a request was sent.
    struct News {
        /// The session was deleted, or was another one.
        var isRemoved = false
        /// Where the log stood, as the latest reply told.
        var newest: Position?
    }

    private struct Record {
        /// How many requests are under way.
        var count = 0
        /// The number of the latest news, and of those of either kind.
        var events = 0
        var removed = 0
        var learnt = 0
        var newest: Position?
    }

    /// The loads that a caller may join: those whose last reply is not taken in yet.
    private(set) var loads: [ByteKey: SharedLoad] = [:]
    private var records: [ByteKey: Record] = [:]

    /// A load begins that other callers may join.
    mutating func open(_ load: SharedLoad, of key: ByteKey) {
        loads[key] = load
    }

    /// No further caller may join a load.
    ///
    /// To be called in the critical section that takes the load's reply in: what is acknowledged after that section is not
    /// in the reply, and is not watched for the load any more. A caller that joined then would begin with an old session.
    mutating func close(_ load: SharedLoad?, of key: ByteKey) {
        if let load, loads[key] === load { loads[key] = nil }
    }

    /// A request is about to be sent.
    mutating func began(_ key: ByteKey) -> Ticket {
        records[key, default: Record()].count += 1
        return Ticket(start: records[key]?.events ?? 0)
    }

    /// The reply is there, or will not come.
    mutating func ended(_ key: ByteKey, _ ticket: Ticket) -> News {
        guard var record = records[key] else { return News() }
        record.count -= 1
        records[key] = record.count > 0 ? record : nil
        return News(
            isRemoved: record.removed > ticket.start,
            newest: record.learnt > ticket.start ? record.newest : nil
        )
    }

    /// The log is known to stand at a position.
    mutating func learnt(_ key: ByteKey, _ position: Position) {
        guard var record = records[key] else { return }
        record.events += 1
        record.learnt = record.events
        if record.newest.map({ !position.isBehind($0) }) ?? true { record.newest = position }
        records[key] = record
    }

    /// The session is known to be gone.
    mutating func removed(_ key: ByteKey) {
        guard var record = records[key] else { return }
        record.events += 1
        record.removed = record.events
        record.newest = nil
        records[key] = record
    }
}
