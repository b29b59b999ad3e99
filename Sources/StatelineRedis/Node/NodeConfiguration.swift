internal import Logging
internal import NIOCore

/// The settings for one server: the number of connections, and the times to wait.
struct NodeConfiguration: Sendable {
    /// The settings of each connection.
    ///
    /// The client name makes a server answer before the connection counts as made: a frozen server accepts connections
    /// too.
    var connection = RedisConnection.Configuration(clientName: "stateline")
    /// The logger of the client's events; `nil` for none.
    var logger: Logger?
    /// The number of connections that small requests share.
    var sharedConnections = 1
    /// The maximum number of requests that wait for a connection, on each lane; one more is refused.
    var waitingLimit = 4096
    /// The maximum time that it takes to make a connection.
    var connectTimeout = TimeAmount.seconds(2)
    /// The maximum time that one of several servers is waited for, if there are others to ask.
    var stepTimeout: TimeAmount { .nanoseconds(connectTimeout.nanoseconds / 2) }
    /// The maximum time that a request waits for a connection if the last attempt to make one failed.
    var patience = TimeAmount.milliseconds(20)
    /// The pauses between failed attempts.
    var reconnecting = Backoff(base: .milliseconds(50), limit: .seconds(2))
}
