#if TLS
import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisTLSTests {
    private func run(
        _ certificate: RedisCertificates.Name = .server,
        askingClients: Bool = false,
        _ body: (RedisServer, RedisEndpoint, RedisCertificates) async throws -> Void
    ) async throws {
        try await RedisCertificates.run { certificates in
            var options = RedisServer.Options()
            options.tls = certificates
            options.tlsCertificate = certificate
            options.tlsClients = askingClients
            try await RedisServer.run(options) { server in
                try await body(server, .host("localhost", port: server.tlsPort ?? 0), certificates)
            }
        }
    }

    private func settings(_ certificates: RedisCertificates) -> RedisConnection.Configuration {
        var configuration = RedisConnection.Configuration()
        configuration.tls = RedisTLS(trust: .file(path: certificates.authorityPath))
        return configuration
    }

    @Test func `a server whose certificate is trusted is talked to, by name and by address`() async throws {
        try await run { server, endpoint, certificates in
            let value = ByteBuffer(repeating: 1, count: 1 << 20)
            for endpoint in [endpoint, .host("127.0.0.1", port: server.tlsPort ?? 0)] {
                let connection = try await connect(to: endpoint, settings(certificates))
                let request = RedisRequest(slot: nil, isRepeatable: true) { encoder in
                    encoder.command(2)
                    encoder.argument("ECHO")
                    encoder.argument(value)
                }
                let reply = try await connection.send(request, deadline: .soon)
                #expect(reply == .bytes(value))
                await connection.close()
            }
        }
    }

    @Test func `an authority that is not trusted is refused`() async throws {
        try await run { _, endpoint, certificates in
            var configuration = RedisConnection.Configuration()
            for trust in [RedisTLS.Trust.file(path: certificates.foreignAuthorityPath), .system] {
                configuration.tls = RedisTLS(trust: trust)
                let error = await refusal(to: endpoint, configuration)
                #expect(error?.reason == .untrusted)
                #expect(error?.execution == .notSent)
            }
            configuration.tls = RedisTLS(trust: .file(path: "/nowhere"))
            let missing = await refusal(to: endpoint, configuration)
            #expect(missing?.reason == .untrusted)
            configuration.tls = RedisTLS(verification: .none)
            let unverified = await refusal(to: endpoint, configuration)
            #expect(unverified == nil)
        }
    }

    @Test(arguments: [RedisCertificates.Name.expired, .otherHost])
    func `a certificate that is over, or for another host, is refused`(name: RedisCertificates.Name) async throws {
        try await run(name) { _, endpoint, certificates in
            var configuration = settings(certificates)
            let error = await refusal(to: endpoint, configuration)
            #expect(error?.reason == .untrusted)
            #expect(error?.execution == .notSent)
            configuration.tls?.verification = .withoutName
            let withoutName = await refusal(to: endpoint, configuration)
            #expect(withoutName?.reason == (name == .expired ? .untrusted : nil))
        }
    }

    @Test func `a server that wants a certificate of ours gets it, or refuses us`() async throws {
        try await run(askingClients: true) { _, endpoint, certificates in
            var configuration = settings(certificates)
            let error = await refusal(to: endpoint, configuration)
            #expect(error?.reason == .untrusted)
            #expect(error?.execution == .notSent)
            configuration.tls?.identity = RedisTLS.Identity(
                certificatePath: certificates.certificatePath(.client),
                keyPath: certificates.keyPath(.client)
            )
            let accepted = await refusal(to: endpoint, configuration)
            #expect(accepted == nil)
        }
    }

    @Test func `a server that does not encrypt is not talked to`() async throws {
        try await run { server, _, certificates in
            // It waits for the end of a line that is none.
            let error = await refusal(
                to: .host("localhost", port: server.port),
                settings(certificates),
                deadline: .now() + .seconds(1)
            )
            #expect(error == .unencrypted)
            // An answer in plain text is told from a certificate that is refused.
            try await Listener.run(answering: "-ERR unknown command\r\n") { port in
                let error = await refusal(to: .host("127.0.0.1", port: port), settings(certificates))
                #expect(error == .unencrypted)
            }
        }
    }

    @Test func `a server that requires TLS is named as one if it is talked to without`() async throws {
        try await run { _, endpoint, _ in
            var configuration = RedisConnection.Configuration()
            configuration.clientName = "test"
            let error = await refusal(to: endpoint, configuration)
            #expect(error == .closedUnanswered)
        }
    }
}
#endif
