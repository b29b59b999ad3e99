import Foundation
import StatelineTesting
import Testing

/// What is left of a server when the process that started it dies, what is missing, and TLS.
@Suite struct RedisProcessTests {
    @Test func `a server and its folder are gone after kill -9 of the tests`() async throws {
        // The same tests in another process, which runs only the helper below.
        let helper = try HelperProcess("server")
        let line = try await helper.line { $0.hasPrefix("server ") }
        let parts = line.split(separator: " ")
        let (pid, folder) = (try #require(Int32(parts[1])), String(parts[2]))
        #expect(kill(pid, 0) == 0)
        helper.kill()
        // The watcher is not ours to wait for: it is looked after.
        while kill(pid, 0) == 0 || FileManager.default.fileExists(atPath: folder) {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `the error for a missing program names the command that installs it`() async throws {
        var options = RedisServer.Options()
        options.executable = "no-such-server"
        let error = await #expect(throws: RedisServerError.self) { try await RedisServer.run(options) { _ in } }
        #expect(error?.reason == .missing(package: "redis-server"))
        #expect(error?.message == "no-such-server was not found: apt-get install redis-server")
    }

    @Test func `a server shows the certificate that it was given`() async throws {
        try await RedisCertificates.run { certificates in
            for name in [RedisCertificates.Name.server, .expired, .otherHost] {
                var options = RedisServer.Options()
                options.tls = certificates
                options.tlsCertificate = name
                options.tlsClients = name == .server
                try await RedisServer.run(options) { server in
                    let port = try #require(server.tlsPort)
                    func ping(_ arguments: [String]) -> String {
                        HelperProcess.output(
                            "redis-cli",
                            ["-h", "localhost", "-p", String(port), "--tls", "--cacert", certificates.authorityPath]
                                + arguments + ["PING"]
                        )
                    }
                    let client = [
                        "--cert", certificates.certificatePath(.client), "--key", certificates.keyPath(.client),
                    ]
                    switch name {
                    case .server:
                        #expect(ping(client) == "PONG\n")
                        #expect(ping([]) != "PONG\n", "no certificate of the client")
                    case .expired: #expect(ping([]) != "PONG\n")
                    // redis-cli 7.0 does not look at the name.
                    default: #expect(ping([]) == "PONG\n")
                    }
                }
            }
        }
    }
}
