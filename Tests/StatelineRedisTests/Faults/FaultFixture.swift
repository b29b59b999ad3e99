import NIOCore
import NIOPosix
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// A server, a store over a client of it, and an auditor on everything that is done to the store.
struct FaultFixture: Sendable {
    /// What the auditor may find at the end.
    enum Expectation {
        /// Nothing.
        case clean
        /// What the store says itself is lost.
        case honest
    }

    let server: RedisServer
    let client: RedisClient
    let store: RedisStore
    let auditor = AppendAuditor()

    /// The store, watched.
    var watched: some SessionStore { auditor.watching(store) }

    /// Runs a server while the body runs, and has the auditor judge at the end, by what a client of its own reads.
    static func run(
        _ options: RedisServer.Options = RedisServer.Options(),
        timeout: Duration = .seconds(20),
        acceptsEviction: Bool = false,
        expecting expectation: Expectation = .clean,
        _ change: @Sendable (inout NodeConfiguration) -> Void = { _ in },
        _ body: (FaultFixture) async throws -> Void
    ) async throws {
        try await RedisServer.run(options) { server in
            var configuration = NodeConfiguration()
            configuration.connection.acceptsEviction = acceptsEviction
            change(&configuration)
            let client = RedisClient(
                server: .unixSocket(path: server.socketPath),
                configuration,
                on: MultiThreadedEventLoopGroup.singleton
            )
            try await with(client) { client in
                let store = RedisStore(sender: client, timeout: timeout)
                let fixture = FaultFixture(server: server, client: client, store: store)
                try await body(fixture)
                let report = try await fixture.report()
                switch expectation {
                case .clean: #expect(report.isClean, "\(report)")
                case .honest: #expect(report.isHonest, "\(report)")
                }
                #expect(report.acknowledged > 0, "nothing was put to the test")
            }
        }
    }

    /// What the auditor finds now.
    func report() async throws -> AuditReport {
        let user = try? server.command(["ACL", "SETUSER", "auditor", "on", "nopass", "~*", "+@all"])
        #expect(user == "OK")
        var configuration = NodeConfiguration()
        configuration.connection.user = "auditor"
        configuration.connection.password = Secret("any")
        let client = RedisClient(
            server: .unixSocket(path: server.socketPath),
            configuration,
            on: MultiThreadedEventLoopGroup.singleton
        )
        return try await with(client) { client in
            try await auditor.report(reading: RedisStore(sender: client))
        }
    }

    /// Sessions of two tenants.
    static func keys(_ count: Int) -> [SessionKey] {
        (0..<count).map { SessionKey("session \($0 / 2)", tenant: $0.isMultiple(of: 2) ? "even" : "odd") }
    }

    /// Does something that blocks, where that disturbs nobody.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable (RedisServer) throws -> Value) async throws -> Value {
        let server = server
        return try await NIOSingletons.posixBlockingThreadPool.runIfActive { try body(server) }
    }
}
