extension MetricDefinition {
    /// The metrics of the clients of remote stores.
    static let clients: [MetricDefinition] = [
        connects, slowConnects, disconnects, reconnects, failovers, timeouts, retries, redirects, lookups, mismatches,
        shed, connections, inFlight, queue, breaker, connectionTimeouts, pendingRequests,
    ]

    static let connects = MetricDefinition(
        "stateline.store.connects",
        help: "Attempts to connect to the store, by result."
    )
    static let slowConnects = MetricDefinition(
        "stateline.store.slow_connects",
        help: "Connections to the store that took longer than a second, or half of the limit."
    )
    static let disconnects = MetricDefinition(
        "stateline.store.disconnects",
        help: "Connections to the store that were lost."
    )
    static let reconnects = MetricDefinition(
        "stateline.store.reconnects",
        help: "Connections to the store that replaced an earlier one."
    )
    static let failovers = MetricDefinition(
        "stateline.store.failovers",
        help: "Changes of the set of servers that take writes."
    )
    static let timeouts = MetricDefinition(
        "stateline.store.timeouts",
        help: "Requests to the store that got no connection (queued) or no reply (sent) in time."
    )
    static let retries = MetricDefinition(
        "stateline.store.retries",
        help: "Further attempts of requests to the store, without redirections."
    )
    static let redirects = MetricDefinition(
        "stateline.store.redirects",
        help: "Redirections of requests to another server of the store, by kind."
    )
    static let lookups = MetricDefinition(
        "stateline.store.lookups",
        help: "Surveys of the servers of a cluster, and questions to sentinels."
    )
    static let mismatches = MetricDefinition(
        "stateline.store.reply_mismatch",
        help: "Replies of the store that belonged to another request."
    )
    static let shed = MetricDefinition("stateline.shed", help: "Requests that were refused under load, by reason.")
    static let connections = MetricDefinition(
        "stateline.store.connections",
        help: "Open connections to a server of the store, by state."
    )
    static let inFlight = MetricDefinition(
        "stateline.store.inflight",
        help: "Commands that were sent to a server of the store and wait for their replies."
    )
    static let queue = MetricDefinition(
        "stateline.store.queue",
        help: "Requests that wait for a connection to a server of the store."
    )
    static let breaker = MetricDefinition(
        "stateline.store.breaker",
        help: "1 if a server of the store has no connection and the last attempt to make one failed, else 0."
    )
    static let connectionTimeouts = MetricDefinition(
        "db.client.connection.timeouts",
        help: "Requests that got no connection of the pool in time."
    )
    static let pendingRequests = MetricDefinition(
        "db.client.connection.pending_requests",
        help: "Requests that wait for a connection of the pool."
    )
}
