internal import NIOCore

/// A sender that keeps its connections itself: to one server, to a cluster, or to what sentinels watch over.
protocol RedisClient: RedisSender {
    /// What it has done so far.
    var metrics: ClientMetrics { get }
    /// The loop that the replies of small requests come on, for tasks that want to run there; `nil` where there are
    /// several.
    var executor: (any TaskExecutor)? { get async }
    /// Takes no more requests, and returns when all connections have ended, those that were sent having been answered.
    func close() async
}

extension Node {
    /// The executor of its loop, where it has one.
    var executor: (any TaskExecutor)? {
        get async {
            guard let loop else { return nil }
            return try? await loop.submit { LoopExecutor.current(on: loop) }.get()
        }
    }
}
