internal import NIOCore
internal import NIOPosix

/// Functions that find unused ports.
enum FreePort {
    /// Finds an unused port on 127.0.0.1 whose cluster bus port, 10,000 higher, is unused too.
    ///
    /// Both are below the ports of outgoing connections, so none of these can take them. Another server may; then the
    /// started server fails.
    static func find() async throws -> Int {
        for _ in 0..<64 {
            let port = Int.random(in: 10_000..<22_000)
            if await isFree(port), await isFree(port + 10_000) { return port }
        }
        throw RedisServerError(.notStarted, message: "no free port was found")
    }

    private static func isFree(_ port: Int) async -> Bool {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        guard let channel = try? await bootstrap.bind(host: "127.0.0.1", port: port).get() else { return false }
        try? await channel.close().get()
        return true
    }
}
