import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisCredentialsTests {
    @Test func `a password is asked for, and a wrong one is denied`() async throws {
        var options = RedisServer.Options()
        options.password = "right-0815"
        options.users = ["app on >app-4711 ~a* +@all"]
        try await RedisServer.run(options) { server in
            let endpoint = RedisEndpoint.unixSocket(path: server.socketPath)
            var configuration = RedisConnection.Configuration()
            let without = await refusal(to: endpoint, configuration)
            #expect(without?.reason == .denied)
            #expect(without?.execution == .notSent)
            configuration.password = Secret("wrong-0815")
            let wrong = await refusal(to: endpoint, configuration)
            #expect(wrong?.reason == .denied)
            #expect(wrong?.description.contains("0815") == false)
            configuration.password = Secret("right-0815")
            try await withConnection(to: server, configuration) { connection in
                let user = try await connection.send(command("ACL", "WHOAMI"), deadline: .soon)
                #expect(user == .text("default"))
            }
            configuration.user = "app"
            configuration.password = Secret("app-4711")
            configuration.database = 3
            configuration.clientName = "stateline"
            try await withConnection(to: server, configuration) { connection in
                let user = try await connection.send(command("ACL", "WHOAMI"), deadline: .soon)
                #expect(user == .text("app"))
                let client = try await connection.send(command("CLIENT", "INFO"), deadline: .soon)
                guard case .bytes(let line) = client else {
                    Issue.record("no line: \(client)")
                    return
                }
                #expect(String(buffer: line).contains(" name=stateline "))
                #expect(String(buffer: line).contains(" db=3 "))
                let key = try await connection.send(command("GET", "b"), deadline: .soon)
                #expect(RedisError.denial(in: key)?.reason == .denied)
            }
        }
    }

    @Test func `a database that does not exist, and a user without rights, are said so`() async throws {
        var options = RedisServer.Options()
        options.users = ["nobody on >x ~* -@all +auth"]
        try await RedisServer.run(options) { server in
            var configuration = RedisConnection.Configuration()
            configuration.database = 99
            let outside = await refusal(to: .unixSocket(path: server.socketPath), configuration)
            #expect(outside?.reason == .refused(code: "ERR"))
            configuration.database = 1
            configuration.user = "nobody"
            configuration.password = Secret("x")
            let nobody = await refusal(to: .unixSocket(path: server.socketPath), configuration)
            #expect(nobody?.reason == .denied)
        }
    }

    @Test func `a secret is never printed`() {
        var configuration = RedisConnection.Configuration()
        configuration.password = Secret("right-0815")
        var dumped = ""
        dump(configuration, to: &dumped)
        let handshake = configuration.handshake
        for text in [dumped, "\(configuration)", String(reflecting: configuration), "\(handshake)"] {
            #expect(!text.contains("0815"))
            #expect(text.contains("<redacted>"))
        }
    }
}
