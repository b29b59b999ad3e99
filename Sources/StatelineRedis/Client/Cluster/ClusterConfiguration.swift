internal import NIOCore

/// How a client treats what may fail over: the nodes of a cluster, or what sentinels watch over.
struct ClusterConfiguration: Sendable {
    /// How each node is treated.
    var node = NodeConfiguration()
    /// After what time without an answer the servers hold a node for failed: `cluster-node-timeout`, or
    /// `down-after-milliseconds`.
    var nodeTimeout = TimeAmount.seconds(15)
    /// How long a request that may be repeated waits for one node's answer before it looks for another node.
    var attemptTimeout = TimeAmount.seconds(2)
    /// The settings of TLS, which a URL's go over.
    var tls = RedisTLS()
    /// The pauses between attempts of one request.
    var backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(500))

    /// How often and how long requests are sent again: three times as long as a failure is not noticed, since a failover
    /// takes twice that.
    var policy: RetryPolicy {
        RetryPolicy(awaitsFailover: true, backoff: backoff, budget: nodeTimeout * 3)
    }

    /// How long one attempt on a lane may take: large replies take their time.
    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount {
        lane == .bulk ? attemptTimeout * 5 : attemptTimeout
    }
}
