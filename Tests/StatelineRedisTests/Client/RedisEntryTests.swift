import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

/// How a client enters a server: passwords, users, databases and certificates, as a URL tells.
@Suite struct RedisEntryTests {
    private static func failure(_ url: String) async throws -> String? {
        let client = RedisClient(try RedisURL(url))
        let outcome = await client.outcome(of: .of("PING"))
        await client.close()
        return outcome.failure
    }

    @Test func `a URL brings a client in, as its user and into its database`() async throws {
        var options = RedisServer.Options()
        options.password = "hunter2"
        options.users = ["app on >s3cret ~* +@all"]
        try await RedisServer.run(options) { server in
            for url in [
                "redis://app:s3cret@127.0.0.1:\(server.port)/3", "redis+unix://app:s3cret@\(server.socketPath)?db=3",
            ] {
                let client = RedisClient(try RedisURL(url))
                let user = await client.outcome(of: .of("ACL", "WHOAMI")).reply
                let info = await client.outcome(of: .of("CLIENT", "INFO")).reply
                await client.close()
                #expect(user == .text("app"))
                guard case .bytes(let line) = info else {
                    Issue.record("no reply")
                    return
                }
                #expect(String(buffer: line).contains(" db=3 "))
                #expect(String(buffer: line).contains(" name=stateline "))
            }
            #expect(try await Self.failure("redis://:hunter2@127.0.0.1:\(server.port)") == nil)
            #expect(try await Self.failure("redis://127.0.0.1:\(server.port)") == "denied, notSent")
            #expect(try await Self.failure("redis://:wrong@127.0.0.1:\(server.port)") == "denied, notSent")
        }
    }

    @Test func `a user who is deleted and made again is denied meanwhile, with few attempts`() async throws {
        var options = RedisServer.Options()
        options.users = ["app on >s3cret ~* +@all"]
        try await RedisServer.run(options) { server in
            let client = RedisClient(try RedisURL("redis://app:s3cret@127.0.0.1:\(server.port)"))
            _ = try await client.send(.of("PING"))
            try server.command(["ACL", "DELUSER", "app"])
            try await eventually { await client.outcome(of: .of("PING")).failure == "denied, notSent" }
            for _ in 0..<1000 {
                let outcome = await client.outcome(of: .of("PING"))
                #expect(outcome.failure == "denied, notSent", "\(outcome)")
            }
            #expect(client.statistics.connectAttempts < 50)
            try server.command(["ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all"])
            try await eventually { await client.outcome(of: .of("PING")).reply != nil }
            await client.close()
        }
    }

    @Test func `TLS is spoken with a server that shows a good certificate, and with nobody else`() async throws {
        try await RedisCertificates.run { certificates in
            for name in [RedisCertificates.Name.server, .expired, .otherHost] {
                var options = RedisServer.Options()
                options.tls = certificates
                options.tlsCertificate = name
                try await RedisServer.run(options) { server in
                    let port = try #require(server.tlsPort)
                    let good = try await Self.failure("rediss://localhost:\(port)?ca=\(certificates.authorityPath)")
                    #expect(good == (name == .server ? nil : "untrusted, notSent"))
                    guard name == .server else { return }
                    let foreign = try await Self.failure(
                        "rediss://localhost:\(port)?ca=\(certificates.foreignAuthorityPath)"
                    )
                    let system = try await Self.failure("rediss://localhost:\(port)")
                    let plain = try await Self.failure("redis://localhost:\(port)")
                    let backwards = try await Self.failure(
                        "rediss://localhost:\(server.port)?ca=\(certificates.authorityPath)"
                    )
                    #expect(foreign == "untrusted, notSent" && system == "untrusted, notSent")
                    #expect(plain == "unreachable, notSent")
                    #expect(backwards?.hasSuffix("notSent") == true)
                }
            }
        }
    }

    @Test func `a server that wants a certificate gets one`() async throws {
        try await RedisCertificates.run { certificates in
            var options = RedisServer.Options()
            options.tls = certificates
            options.tlsClients = true
            try await RedisServer.run(options) { server in
                let base = "rediss://localhost:\(server.tlsPort ?? 0)?ca=\(certificates.authorityPath)"
                let files = "cert=\(certificates.certificatePath(.client))&key=\(certificates.keyPath(.client))"
                #expect(try await Self.failure("\(base)&\(files)") == nil)
                let without = try await Self.failure(base)
                #expect(without != nil)
                #expect(try await Self.failure("\(base)&cert=/nowhere&key=/nowhere") == "untrusted, notSent")
            }
        }
    }
}
