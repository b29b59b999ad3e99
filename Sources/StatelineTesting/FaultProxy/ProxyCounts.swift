/// The counted traffic of a ``FaultProxy``.
///
/// **Round trips** are counted for each connection on its own. A round trip is all that a client sends before it gets
/// an answer. It begins with the first byte of a request, if a reply was passed on since the last round trip began, and
/// it is counted when the first reply after that is passed on. So
///
/// - a request and its reply are one, however large,
/// - requests that are sent without waiting (a pipeline) are one, however many, whatever the packets,
/// - a request that is sent when any reply to those before has been passed on begins another one.
///
/// If several callers share a connection, overlapping round trips count as one: count with one caller. The commands
/// that set up a connection count too: let the client connect, then ``FaultProxy/resetCounts()``. Requests without a
/// reply (cut, or lost) make no round trip.
public struct ProxyCounts: Hashable, Sendable {
    /// Connections that were made.
    public internal(set) var connections = 0
    /// Requests: complete commands from clients.
    public internal(set) var requests = 0
    /// Bytes that a black hole swallowed, either way.
    public internal(set) var swallowedBytes = 0
    /// Replies: complete ones from the server.
    public internal(set) var replies = 0
    /// Round trips, as above.
    public internal(set) var roundTrips = 0
    /// Bytes from clients.
    public internal(set) var requestBytes = 0
    /// Bytes from the server.
    public internal(set) var replyBytes = 0
    /// Requests by the name of their command, in capitals.
    public internal(set) var commands: [String: Int] = [:]
    /// Requests that a ``RequestFault`` hit.
    public internal(set) var faults = 0
}

/// A counter of the round trips of one connection.
struct RoundTripCounter {
    private var isAsking = false

    /// Records that the first byte of a request came.
    mutating func requestBegan() {
        isAsking = true
    }

    /// Records that a reply is passed on; returns `true` if it ends a round trip.
    mutating func replyPassed() -> Bool {
        defer { isAsking = false }
        return isAsking
    }
}
