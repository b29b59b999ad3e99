import NIOConcurrencyHelpers
import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisConnectionTests {
    @Test func `commands of many tasks get their own replies, on the loop and off it`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<64 {
                        group.addTask(executorPreference: number % 2 == 0 ? connection.executor : nil) {
                            for turn in 0..<50 {
                                let text = "\(number)-\(turn)"
                                let reply = try? await connection.send(command("ECHO", text), deadline: .soon)
                                #expect(reply == .text(text))
                            }
                        }
                    }
                }
                #expect(connection.isOpen)
            }
        }
    }

    @Test func `a name with several addresses is tried at each`() async throws {
        try await RedisServer.run { server in
            let connection = try await connect(to: .host("localhost", port: server.port))
            let reply = try await connection.send(command("ECHO", "x"), deadline: .soon)
            #expect(reply == .text("x"))
            await connection.close()
        }
    }

    @Test func `several commands of one request come back as one array, errors in their places`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                let request = RedisRequest(slot: nil, isRepeatable: true, commands: 3) { encoder in
                    for words in [["SET", "a", "b"], ["LLEN", "a"], ["GET", "a"]] {
                        encoder.command(words)
                    }
                }
                let reply = try await connection.send(request, deadline: .soon)
                let wrongType = RESPValue.error("WRONGTYPE Operation against a key holding the wrong kind of value")
                #expect(reply == .array([.status("OK"), wrongType, .text("b")]))
            }
        }
    }

    @Test func `large values go both ways`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                let value = ByteBuffer(repeating: 7, count: 9 << 20)
                let set = RedisRequest(slot: nil, isRepeatable: true) { encoder in
                    encoder.command(3)
                    encoder.argument("SET")
                    encoder.argument("large")
                    encoder.argument(value)
                }
                _ = try await connection.send(set, deadline: .soon)
                async let neighbour = connection.send(command("ECHO", "n"), deadline: .soon)
                let reply = try await connection.send(command("GET", "large"), deadline: .soon)
                #expect(reply == .bytes(value))
                let other = try await neighbour
                #expect(other == .text("n"))
            }
        }
    }

    @Test func `a connection that was closed takes nothing`() async throws {
        try await RedisServer.run { server in
            let connection = try await connect(to: .unixSocket(path: server.socketPath))
            await connection.close()
            await connection.closed()
            #expect(!connection.isOpen)
            let error = await failure(of: command("PING"), over: connection)
            #expect(error?.reason == .closed)
            #expect(error?.execution == .notSent)
        }
    }

    @Test func `what was sent is answered before a connection closes`() async throws {
        try await RedisServer.run { server in
            let connection = try await connect(to: .unixSocket(path: server.socketPath))
            await server.pause()
            let sent = Task { try await connection.send(command("ECHO", "a"), deadline: .soon) }
            while connection.pendingCommands == 0 { await Task.yield() }
            let closing = Task { await connection.close() }
            while connection.isOpen { await Task.yield() }
            server.resume()
            let reply = try await sent.value
            #expect(reply == .text("a"))
            await closing.value
        }
    }

    @Test func `a connection that nobody holds any more is closed`() async throws {
        try await RedisServer.run { server in
            for _ in 0..<3 { _ = try await connect(to: .unixSocket(path: server.socketPath)) }
            // The administrator's own connection is the one.
            try await server.wait(until: "no connection is left") { try $0.info("connected_clients") == "1" }
        }
    }

    @Test func `a connection over TCP is probed while it is idle, and ended where bytes stay unacknowledged`()
        async throws
    {
        try await RedisServer.run { server in
            let connection = try await connect(to: .host("127.0.0.1", port: server.port))
            let options = TCPOptions(RedisConnection.Configuration()).options
            #expect(options.count >= 5)
            for (option, expected) in options {
                let value = try await connection.channel.getOption(option).get()
                #expect(value == expected, "\(option)")
            }
            await connection.close()
        }
    }

    @Test func `where nobody listens, a server is unreachable`() async throws {
        for endpoint in [RedisEndpoint.unixSocket(path: "/nowhere/redis.sock"), .host("127.0.0.1", port: 1)] {
            let error = await refusal(to: endpoint)
            #expect(error?.reason == .unreachable)
            #expect(error?.execution == .notSent)
        }
    }

    @Test func `a server that does not answer is no connection in time`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            let error = await refusal(
                to: .unixSocket(path: server.socketPath),
                deadline: .now() + .milliseconds(50)
            )
            #expect(error?.reason == .timedOut)
            #expect(error?.execution == .notSent)
            let attempt = Task { await refusal(to: .unixSocket(path: server.socketPath)) }
            attempt.cancel()
            let cancelled = await attempt.value
            #expect(cancelled?.reason == .cancelled)
            server.resume()
        }
    }

    @Test func `a reply that is none ends the connection`() async throws {
        for bytes in ["$3\r\nabcXY", "x", "*-2\r\n", "$99999999999\r\n"] {
            try await withScriptedServer(bytes) { endpoint in
                let connection = try await connect(to: endpoint)
                let error = await failure(of: command("GET", "a"), over: connection)
                #expect(error?.reason == .protocolViolation)
                #expect(error?.execution == .unknown)
                await connection.closed()
                #expect(!connection.isOpen)
            }
        }
    }

    @Test func `a reply that nothing was asked for ends the connection`() async throws {
        try await withScriptedServer("+OK\r\n+OK\r\n") { endpoint in
            let connection = try await connect(to: endpoint)
            let reply = try await connection.send(command("SET", "a", "b"), deadline: .soon)
            #expect(reply == .status("OK"))
            await connection.closed()
            let error = await failure(of: command("GET", "a"), over: connection)
            #expect(error?.reason == .protocolViolation)
            #expect(error?.execution == .notSent)
        }
    }
}
