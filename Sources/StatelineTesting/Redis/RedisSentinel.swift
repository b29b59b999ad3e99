/// A primary, two replicas and three sentinels that watch them, started and ended by a test.
///
/// ```swift
/// try await RedisSentinel.run { watched in
///     // connect by the sentinels at watched.sentinels.map(\.port), which know the primary as watched.name
///     await (try watched.primary()).kill()        // a replica takes over in about 2 s
/// }
/// ```
///
/// The sentinels take a server for dead after half a second, and each knows the other two and both replicas when the
/// body begins.
public final class RedisSentinel: Sendable {
    /// The servers: the first began as the primary.
    public let servers: [RedisServer]
    /// The sentinels.
    public let sentinels: [RedisServer]
    /// The name of what is watched.
    public let name = "stateline"

    private init(_ servers: [RedisServer], _ sentinels: [RedisServer]) {
        self.servers = servers
        self.sentinels = sentinels
    }

    /// Runs servers and sentinels while the body runs.
    ///
    /// - Parameters:
    ///   - options: How each server is started; of a sentinel only its users and its password are taken.
    ///   - body: What is done with them.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``RedisServerError`` where they did not come up.
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
                // A sentinel asks a primary for its replicas when it first sees it, and then only each 10 s.
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
    /// - Throws: ``RedisServerError`` where that takes more than 20 s.
    public func settled() async throws {
        for sentinel in sentinels where sentinel.isRunning {
            // Found by greetings, which they send each 2 s otherwise.
            try sentinel.command(["SENTINEL", "DEBUG", "publish-period", "100", "info-period", "500"])
            try await sentinel.wait(until: "the sentinels know each other") {
                let fields = try $0.command(["SENTINEL", "MASTER", self.name]).split(separator: "\n").map(String.init)
                let pairs = stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
                let known = Dictionary(pairs) { $1 }
                return known["num-other-sentinels"] == "2" && known["num-slaves"] == "2" && known["flags"] == "master"
            }
        }
    }

    /// Who the sentinels say is the primary.
    ///
    /// - Throws: ``RedisServerError`` where no sentinel answers, or what they name is none of the servers.
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

    /// Has the sentinels make another server the primary, and waits until they name it and it says that it is.
    ///
    /// - Returns: The new primary.
    /// - Throws: ``RedisServerError`` where the sentinels refuse, or nobody is promoted in time.
    @discardableResult
    public func failover() async throws -> RedisServer {
        let former = try primary()
        try sentinels[0].command(["SENTINEL", "FAILOVER", name])
        return try await promotion(after: former)
    }

    /// Waits until the sentinels name another primary than the former one, and it says that it is.
    ///
    /// - Parameter former: The primary before.
    /// - Returns: The new primary.
    /// - Throws: ``RedisServerError`` where nobody is promoted in time.
    public func promotion(after former: RedisServer) async throws -> RedisServer {
        try await sentinels[0]
            .wait(until: "another server is the primary") { _ in
                let primary = try self.primary()
                return try primary !== former && primary.info("role") == "master"
            }
        return try primary()
    }
}
