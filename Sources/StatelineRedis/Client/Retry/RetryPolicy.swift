internal import NIOCore

/// How often and how long a request is sent again.
struct RetryPolicy: Hashable, Sendable {
    /// Whether somebody else may come to serve the keys while a node does not: in a cluster, under sentinels.
    var awaitsFailover: Bool
    /// The most redirections in a row; then there is a pause, and another look.
    var redirections = 5
    /// The most connections in a row that end under it at once.
    var reconnections = 3
    /// How long to wait before another attempt.
    var backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(500))
    /// The longest that attempts go on, within the request's own deadline; at least three times the time after which a
    /// node counts as failed, since a failover takes twice that.
    var budget: TimeAmount = .seconds(45)
}
