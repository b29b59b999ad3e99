public import Stateline

extension RedisStore {
    /// The events of the store's client since the store was made, and the state of its servers.
    ///
    /// - Complexity: O(*n*) in the number of servers, some short locks each.
    public var statistics: RedisStatistics { (sender as? RedisClient)?.statistics ?? RedisStatistics() }

    /// The event loop of the store's connection, as an executor for tasks; `nil` in a cluster, and if
    /// ``RedisConfiguration/connections`` is above 1.
    ///
    /// A task that prefers this executor continues where the replies are read, without another thread's wake-up. That
    /// takes about half of the CPU of an operation; the table "The connection, beside redis-benchmark" has figures.
    /// Such a task must never block, and what it computes delays all other replies.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(store.executor) { try await serve(requests) }
    /// ```
    public var executor: (any TaskExecutor)? {
        get async { await (sender as? RedisClient)?.executor }
    }
}

extension RedisStore: MetricSource {
    /// The figures of ``statistics``, under the names of their metrics.
    ///
    /// Servers are in the label `shard`; `SourceMetrics` of `StatelineMetrics` records the figures.
    public var metricValues: [MetricValue] {
        statistics.metricValues(of: (sender as? RedisClient)?.name ?? "stateline")
    }
}

extension RedisStatistics {
    /// Returns the figures under the names of their metrics; a pool is the name of a client's connections.
    func metricValues(of pool: String) -> [MetricValue] {
        let pooled = ["db.client.connection.pool.name": pool]
        let waiting = servers.reduce(0) { $0 + $1.waitingRequests }
        return [
            MetricValue("stateline.store.connects", .counter, connections, ["result": "made"]),
            MetricValue("stateline.store.connects", .counter, refusedConnections, ["result": "refused"]),
            MetricValue("stateline.store.connects", .counter, failedConnections, ["result": "failed"]),
            MetricValue("stateline.store.slow_connects", .counter, slowConnections),
            MetricValue("stateline.store.disconnects", .counter, lostConnections),
            MetricValue("stateline.store.reconnects", .counter, reconnections),
            MetricValue("stateline.store.failovers", .counter, failovers),
            MetricValue("stateline.store.timeouts", .counter, connectTimeouts, ["phase": "queued"]),
            MetricValue("stateline.store.timeouts", .counter, replyTimeouts, ["phase": "sent"]),
            MetricValue("stateline.store.retries", .counter, retries),
            MetricValue("stateline.store.redirects", .counter, moves, ["kind": "moved"]),
            MetricValue("stateline.store.redirects", .counter, asks, ["kind": "ask"]),
            MetricValue("stateline.store.lookups", .counter, lookups),
            MetricValue("stateline.store.reply_mismatch", .counter, mismatches),
            MetricValue("stateline.shed", .counter, overloads, ["reason": "store_queue"]),
            MetricValue("db.client.connection.timeouts", .counter, connectTimeouts, pooled),
            MetricValue("db.client.connection.pending_requests", .gauge, waiting, pooled),
        ] + servers.sorted { $0.name < $1.name }.flatMap(\.metricValues)
    }
}

extension RedisStatistics.Server {
    /// The figures under the names of their metrics.
    fileprivate var metricValues: [MetricValue] {
        let shard = ["shard": name]
        return [
            MetricValue("stateline.store.connections", .gauge, idleConnections, ["shard": name, "state": "idle"]),
            MetricValue("stateline.store.connections", .gauge, usedConnections, ["shard": name, "state": "used"]),
            MetricValue("stateline.store.inflight", .gauge, commandsInFlight, shard),
            MetricValue("stateline.store.queue", .gauge, waitingRequests, shard),
            MetricValue("stateline.store.breaker", .gauge, isDown ? 1 : 0, ["shard": name, "state": "open"]),
        ]
    }
}
