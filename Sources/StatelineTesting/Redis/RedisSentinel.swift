/// A primary, two replicas and three sentinels that watch them, for the duration of a test.
///
/// ```swift
/// try await RedisSentinel.run { watched in
///     // connect by the sentinels at watched.sentinels.map(\.port), which know the primary as watched.name
///     await (try watched.primary()).kill()        // a replica takes over in about 2 s
/// }
/// ```
///
/// A server counts as dead after half a second. When the body begins, each sentinel knows the other two and both
/// replicas.
public final class RedisSentinel: Sendable {
    /// The servers: the first began as the primary.
    public let servers: [RedisServer]
    /// The sentinels.
    public let sentinels: [RedisServer]
    /// The name of the watched primary.
    public let name = "stateline"

    private init(_ servers: [RedisServer], _ sentinels: [RedisServer]) {
        self.servers = servers
        self.sentinels = sentinels
    }

    /// Runs servers and sentinels while the body runs.
    ///
    /// - Parameters:
    ///   - options: The options of each server. A sentinel only uses the users and the password.
    ///   - body: A function that uses the servers.
    /// - Returns: The body's result.
    /// - Throws: The body's error; ``RedisServerError`` if they did not start.
    public static func run<Result>(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (RedisSentinel) async throws -> Result
    ) async throws -> Result {
        try await ServerTurn.take(ServerTurn.group) { try await running(options, body) }
    }

    private static func running<Result>(
        _ options: RedisServer.Options,
        _ body: (RedisSentinel) async throws -> Result
    ) async throws -> Result {
        let primary = try await RedisServer.begin(options)
        return try await ServerGroup.ending([primary]) {
            var following = options
            following.arguments += ["--replicaof", "127.0.0.1", String(primary.port)]
            let replicas = try await ServerGroup.begin(2) { [following] _ in try await RedisServer.begin(following) }
            return try await ServerGroup.ending(replicas) {
                for replica in replicas {
                    try await replica.wait(until: "the replica follows") { try $0.info("master_link_status") == "up" }
                }
                // A sentinel asks a primary for its replicas when it first sees it, and then every 10 s.
                try await primary.wait(until: "the primary has two replicas") {
                    try $0.info("connected_slaves") == "2"
                }
                let lines = watch(primary, password: options.password)
                let sentinels = try await ServerGroup.begin(3) { _ in
                    try await RedisServer.begin(RedisServer.Options(), kind: .sentinel(lines))
                }
                return try await ServerGroup.ending(sentinels) {
                    let group = RedisSentinel([primary] + replicas, sentinels)
                    try await group.settled()
                    return try await body(group)
                }
            }
        }
    }

    private static func watch(_ primary: RedisServer, password: String?) -> [String] {
        [
            "sentinel monitor stateline 127.0.0.1 \(primary.port) 2", "sentinel down-after-milliseconds stateline 500",
            "sentinel failover-timeout stateline 3000", "sentinel parallel-syncs stateline 2",
        ] + (password.map { ["sentinel auth-pass stateline \($0)"] } ?? [])
    }

    /// Waits until each sentinel that runs knows two others and two replicas, and all name the same primary.
    ///
    /// - Throws: ``RedisServerError`` if that takes more than 20 s.
    public func settled() async throws {
        for sentinel in sentinels where sentinel.isRunning {
            // Sentinels find each other by greetings, which they send every 2 s by default.
            try sentinel.command(["SENTINEL", "DEBUG", "publish-period", "100", "info-period", "500"])
            try await sentinel.wait(until: "the sentinels know each other") {
                let fields = try $0.command(["SENTINEL", "MASTER", self.name]).split(separator: "\n").map(String.init)
                let pairs = stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
                let known = Dictionary(pairs) { $1 }
                return known["num-other-sentinels"] == "2" && known["num-slaves"] == "2" && known["flags"] == "master"
            }
        }
    }

    /// Returns the primary that the sentinels name.
    ///
    /// - Throws: ``RedisServerError`` if no sentinel answers, or they name another server.
    public func primary() throws -> RedisServer {
        guard let sentinel = sentinels.first(where: { $0.isRunning && !$0.isPaused }) else {
            throw RedisServerError(.unreachable, message: "no sentinel runs")
        }
        let address = try sentinel.command(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]).split(separator: "\n")
        guard let port = address.last, let server = servers.first(where: { String($0.port) == port }) else {
            throw RedisServerError(.notStarted, message: "the sentinels name no server that is known")
        }
        return server
    }

    /// Makes the sentinels promote another server, and waits until they name it and it reports that role.
    ///
    /// - Returns: The new primary.
    /// - Throws: ``RedisServerError`` if the sentinels refuse, or no server is promoted in time.
    @discardableResult
    public func failover() async throws -> RedisServer {
        let former = try primary()
        try sentinels[0].command(["SENTINEL", "FAILOVER", name])
        return try await promotion(after: former)
    }

    /// Waits until the sentinels name a new primary, and it reports that role.
    ///
    /// - Parameter former: The primary before.
    /// - Returns: The new primary.
    /// - Throws: ``RedisServerError`` if no server is promoted in time.
    public func promotion(after former: RedisServer) async throws -> RedisServer {
        try await sentinels[0]
            .wait(until: "another server is the primary") { _ in
                let primary = try self.primary()
                return try primary !== former && primary.info("role") == "master"
            }
        return try primary()
    }
}
