import NIOCore
import Stateline
import StatelineTesting
import Synchronization
import Testing

@testable import StatelineRedis

/// Settings by configuration and URL, and what they do.
@Suite struct RedisConfigurationTests {
    private let key = SessionKey("session")

    /// The field of each client with a name, as the server lists them.
    private static func clients(_ name: String, of server: RedisServer) throws -> Int {
        try server.command(["CLIENT", "LIST"]).split(whereSeparator: \.isNewline)
            .count { $0.contains(" name=\(name) ") }
    }

    @Test func `a URL's settings go over the caller's, and both over the defaults`() throws {
        var configuration = RedisConfiguration()
        configuration.stallLimit = .seconds(3)
        configuration.waitingLimit = 7
        configuration.namespace = RedisNamespace("caller")
        let url = try RedisURL(
            "rediss+cluster://a,b?stall-limit=4&connections=2&attempt-timeout=0.5&node-timeout=6&connect-timeout=1"
                + "&client-name=app&namespace=url&replicas=2&replicas-timeout=0.25&eviction=accept&tls-verify=chain"
                + "&tls-server-name=redis.example"
        )
        let settings = ClusterConfiguration(configuration, url.options)
        #expect(settings.node.connection.stallLimit == .seconds(4))
        #expect(settings.node.waitingLimit == 7)
        #expect(settings.node.sharedConnections == 2)
        #expect(settings.attemptTimeout == .milliseconds(500))
        #expect(settings.nodeTimeout == .seconds(6))
        #expect(settings.node.connectTimeout == .seconds(1))
        #expect(settings.node.connection.clientName == "app")
        #expect(url.tls?.verification == .withoutName && url.tls?.serverName == "redis.example")
        let store = RedisStore(url, configuration: configuration)
        #expect(store.namespace == RedisNamespace("url"))
        #expect(store.acceptsEviction)
        #expect(store.acknowledgement == .replicas(2, timeout: .milliseconds(250)))
    }

    @Test(arguments: [
        ("redis://a", 10), ("redis+cluster://a", 45), ("redis+sentinel://a/main", 45),
        ("redis+cluster://a?node-timeout=30", 90), ("redis+cluster://a?timeout=3", 3),
    ])
    func `an operation waits for a failover unless it is told otherwise`(url: String, seconds: Int) throws {
        let url = try RedisURL(url)
        let store = RedisStore(url)
        #expect(store.timeout == .seconds(seconds))
        guard url.timeout == nil, case .cluster = url.topology else { return }
        // The servers need up to twice the node timeout for a failover.
        let settings = ClusterConfiguration(RedisConfiguration(), url.options)
        #expect(TimeAmount(store.timeout) >= settings.nodeTimeout * 3)
    }

    @Test func `name and number of connections are what the URL says`() async throws {
        try await RedisServer.run { server in
            let url = try RedisURL("redis://127.0.0.1:\(server.port)?client-name=billing&connections=3")
            let store = RedisStore(url)
            for _ in 0..<6 { _ = try await store.load(key, after: Position.origin(of: key, incarnation: .random())) }
            #expect(try Self.clients("billing", of: server) == 3)
            await store.close()
        }
    }

    @Test func `a certificate for another name is taken if the caller names it, or asks for no name`() async throws {
        try await RedisCertificates.run { certificates in
            var options = RedisServer.Options()
            options.tls = certificates
            options.tlsCertificate = .otherHost
            try await RedisServer.run(options) { server in
                let port = try #require(server.tlsPort)
                let base = "rediss://localhost:\(port)?ca=\(certificates.authorityPath)"
                func failure(_ option: String, _ configuration: RedisConfiguration = .init()) async throws
                    -> StoreError?
                {
                    let store = RedisStore(try RedisURL(base + option), configuration: configuration)
                    var failure: StoreError?
                    do { _ = try await store.load(key, after: nil) } catch { failure = error }
                    await store.close()
                    return failure
                }
                for option in ["&tls-server-name=elsewhere.example", "&tls-verify=chain", "&tls-verify=none"] {
                    #expect(try await failure(option) == nil, "\(option)")
                }
                for option in ["", "&tls-verify=full", "&tls-server-name=nowhere.example"] {
                    #expect(try await failure(option)?.reason == .denied, "\(option)")
                }
                var configuration = RedisConfiguration()
                configuration.tlsServerName = "elsewhere.example"
                #expect(try await failure("", configuration) == nil)
                #expect(try await failure("&tls-server-name=nowhere.example", configuration)?.reason == .denied)
            }
        }
    }

    @Test func `a password that changes is asked for at each connection`() async throws {
        var options = RedisServer.Options()
        options.users = ["app on >first ~* +@all"]
        try await RedisServer.run(options) { server in
            let password = Mutex("first")
            var configuration = RedisConfiguration()
            configuration.credentials = {
                RedisCredentials(user: "app", password: password.withLock { $0 })
            }
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"), configuration: configuration)
            var (writer, _) = try await store.write(1, to: key)
            try server.command(["ACL", "SETUSER", "app", "resetpass", ">second"])
            try server.command(["CLIENT", "KILL", "USER", "app"])
            let error = await #expect(throws: StoreError.self) { try await store.load(key, after: nil) }
            #expect(error?.reason == .denied)
            password.withLock { $0 = "second" }
            try await eventually { (try? await store.load(key, after: writer.position)) == .current }
            try await store.commit("second", to: &writer)
            await store.close()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a provider that fails is denied, and one that gives nothing in time is unavailable`() async throws {
        struct Failure: Error { let text = "hunter2" }
        try await RedisServer.run { server in
            for isSlow in [false, true] {
                var configuration = RedisConfiguration()
                configuration.connectTimeout = .milliseconds(50)
                configuration.credentials = {
                    // Until it is cancelled.
                    if isSlow { try await Task.sleep(for: .seconds(3600)) }
                    throw Failure()
                }
                let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"), configuration: configuration)
                let error = await #expect(throws: StoreError.self) { try await store.load(key, after: nil) }
                #expect(error?.reason == (isSlow ? .unavailable : .denied))
                #expect(error?.committed == .no && "\(String(describing: error))".contains("provider"))
                #expect(!"\(String(describing: error))".contains("hunter2"))
                await store.close()
            }
        }
    }
}
