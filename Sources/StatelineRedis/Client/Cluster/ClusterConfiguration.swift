internal import NIOCore

/// The settings of a client of a cluster, or of a primary that sentinels name.
struct ClusterConfiguration: Sendable {
    /// The settings for each node.
    var node = NodeConfiguration()
    /// The time without an answer after which the servers regard a node as failed: `cluster-node-timeout`, or
    /// `down-after-milliseconds`.
    var nodeTimeout = TimeAmount.seconds(15)
    /// The maximum time that a repeatable request waits for one node's answer before it looks for another node.
    var attemptTimeout = TimeAmount.seconds(2)
    /// The settings of TLS, which a URL's options override.
    var tls = RedisTLS()
    /// The pauses between attempts of one request.
    var backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(500))

    /// The rules for sending requests again.
    var policy: RequestRetryPolicy {
        RequestRetryPolicy(awaitsFailover: true, attemptTimeout: attemptTimeout, backoff: backoff)
    }
}
