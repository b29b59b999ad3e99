internal import CoreMetrics
internal import Logging
internal import NIOCore

/// How a client treats a server: how many connections it makes, and how long it waits.
struct NodeConfiguration: Sendable {
    /// How a connection is made and what it allows.
    ///
    /// Saying a name makes a server answer before the connection is taken for made: one that stands still takes
    /// connections all the same.
    var connection = RedisConnection.Configuration(clientName: "stateline")
    /// Takes warnings; `nil` for none.
    var logger: Logger?
    /// Makes the exported counters; `nil` for none.
    var metrics: (any MetricsFactory)?
    /// How many connections small requests share.
    var sharedConnections = 1
    /// How many requests wait for a connection, on each lane; one more is refused.
    var waitingLimit = 4096
    /// How long it may take to make a connection.
    var connectTimeout = TimeAmount.seconds(2)
    /// How long one of several is waited for that is asked on the way, while there are others.
    var stepTimeout: TimeAmount { .nanoseconds(connectTimeout.nanoseconds / 2) }
    /// How long a request waits for a connection where the last attempt to make one failed.
    var patience = TimeAmount.milliseconds(20)
    /// The pauses between attempts that fail.
    var reconnecting = Backoff(base: .milliseconds(50), limit: .seconds(2))
}
