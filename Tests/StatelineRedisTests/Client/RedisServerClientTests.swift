import NIOCore
import NIOPosix
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisServerClientTests {
    private static let group = MultiThreadedEventLoopGroup.singleton

    private static func client(
        _ server: RedisServer,
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) -> RedisClient {
        var configuration = NodeConfiguration()
        change(&configuration)
        return RedisClient(server: .unixSocket(path: server.socketPath), configuration, on: group)
    }

    @Test func `requests of many tasks go over one connection`() async throws {
        try await RedisServer.run { server in
            try await with(Self.client(server)) { client in
                #expect(client.statistics.connectAttempts == 0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let reply = try await client.send(.of("ECHO", "\(number)"))
                            #expect(reply == .text("\(number)"))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(client.statistics.events == ["connectAttempts": 1, "connections": 1])
            }
        }
    }

    @Test func `each lane has its own connection, and what is slow on one holds up no other`() async throws {
        try await RedisServer.run { server in
            try await with(Self.client(server) { $0.connection.silenceLimit = nil }) { client in
                async let blocked = client.send(.of("BLPOP", "list", "0", lane: .bulk))
                try await eventually { try server.info("blocked_clients") == "1" }
                for lane in [RedisRequest.Lane.shared, .replicated] {
                    let reply = try await client.send(.of("PING", lane: lane))
                    #expect(reply == .status("PONG"))
                }
                try server.command(["RPUSH", "list", "a"])
                let reply = try await blocked
                #expect(reply == .array([.text("list"), .text("a")]))
                #expect(client.statistics.connections == 3)
            }
        }
    }

    @Test func `who is cancelled while replicas are waited for leaves the others of the group their answers`()
        async throws
    {
        try await RedisServer.run { server in
            try await with(Self.client(server)) { client in
                // There is no replica, so that each group waits for as long as it may.
                @Sendable func increment() async -> Result<RESPValue, RedisError> {
                    await client.outcome(of: .of([["INCR", "n"], ["WAIT", "1", "300"]], lane: .replicated))
                }
                let first = Task { await increment() }
                try await eventually { try server.info("blocked_clients") == "1" }
                let others = (0..<3).map { _ in Task { await increment() } }
                try await eventually { try server.command(["GET", "n"]) == "4" }
                others[0].cancel()
                #expect(await others[0].value.failure == "cancelled, unknown")
                #expect(await first.value.reply == .array([.integer(1), .integer(0)]))
                var values: Set<RESPValue?> = []
                for other in others[1...] { values.insert(await other.value.reply) }
                #expect(values.count == 2 && !values.contains(nil))
                #expect(try server.info("cmdstat_wait")?.hasPrefix("calls=2,") == true)
                #expect(client.statistics.connections == 1)
            }
        }
    }

    @Test func `a server that is down is told at once, with few attempts to reach it`() async throws {
        try await RedisServer.run { server in
            await server.kill()
            try await with(Self.client(server)) { client in
                for _ in 0..<1000 {
                    #expect(await client.outcome(of: .of("PING")).failure == "unreachable, notSent")
                }
                #expect(client.statistics.connectAttempts < 50)
            }
        }
    }

    @Test func `a failure to connect names the server, and no password`() async throws {
        try await RedisServer.run { server in
            await server.kill()
            let (place, path) = ("127.0.0.1:\(server.port)", server.socketPath)
            let texts = [
                (place, "redis://user:hunter2@\(place)"), (path, "redis+unix://user:hunter2@\(path)"),
                (place, "redis+cluster://user:hunter2@\(place)"),
                (place, "redis+sentinel://user:hunter2@\(place)/main"),
            ]
            for (name, text) in texts {
                let store = RedisStore(try RedisURL(text), timeout: .milliseconds(500))
                let error = await #expect(throws: StoreError.self) { try await store.load(SessionKey("s"), after: nil) }
                let shown = try #require(error).description
                #expect(
                    shown.hasSuffix(
                        "): \(name): could not connect to the server: check that a server is running there "
                            + "and that this machine can reach it"
                    ),
                    "\(text)"
                )
                #expect(!shown.contains("hunter2") && !shown.contains("user"))
                await store.close()
            }
        }
    }

    @Test func `a server that stands still is unreachable, although it takes connections`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            try await with(Self.client(server) { $0.connectTimeout = .milliseconds(50) }) { client in
                #expect(await client.outcome(of: .of("PING")).failure == "unreachable, notSent")
                server.resume()
                try await eventually { await client.outcome(of: .of("PING")).reply != nil }
            }
        }
    }

    @Test func `after kill -9 and a restart requests are served again`() async throws {
        try await RedisServer.run { server in
            try await with(Self.client(server)) { client in
                for round in 1...3 {
                    _ = try await client.send(.of("PING"))
                    await server.kill()
                    try await eventually { await client.outcome(of: .of("PING")).failure == "unreachable, notSent" }
                    try await server.restart()
                    try await eventually { await client.outcome(of: .of("PING")).reply != nil }
                    #expect(client.statistics.reconnections == round)
                }
            }
        }
    }

    @Test func `what was sent before a kill is told as unknown, or sent again if it may be`() async throws {
        try await RedisServer.run { server in
            let endpoint = RedisEndpoint.host("127.0.0.1", port: server.port)
            try await with(RedisClient(server: endpoint, NodeConfiguration(), on: Self.group)) { client in
                _ = try await client.send(.of("PING"))
                await server.pause()
                async let once = client.outcome(of: .of("INCR", "n"))
                try await eventually { try unreadBytes(port: server.port) > 0 }
                let sent = try unreadBytes(port: server.port)
                async let again = client.outcome(of: .of("GET", "n", isRepeatable: true))
                try await eventually { try unreadBytes(port: server.port) > sent }
                await server.kill()
                #expect(await once.failure == "closed, unknown")
                try await server.restart()
                #expect(await again.reply == .null)
            }
        }
    }

    @Test func `two thousand tasks that wait for a server make one connection`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            try await with(Self.client(server) { $0.connectTimeout = .seconds(20) }) { client in
                try await withThrowingTaskGroup(of: RESPValue.self) { group in
                    for _ in 0..<2000 { group.addTask { try await client.send(.of("PING")) } }
                    try await eventually { client.statistics.connectAttempts == 1 }
                    server.resume()
                    for try await reply in group { #expect(reply == .status("PONG")) }
                }
                #expect(client.statistics.events == ["connectAttempts": 1, "connections": 1])
            }
        }
    }

    @Test func `two thousand tasks that try again and again do not storm a server that restarts`() async throws {
        try await RedisServer.run { server in
            try await with(Self.client(server)) { client in
                _ = try await client.send(.of("PING"))
                await server.kill()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2000 {
                        group.addTask {
                            while await client.outcome(of: .of("PING")).reply == nil {
                                try await Task.sleep(for: .milliseconds(10))
                            }
                        }
                    }
                    try await eventually { client.statistics.connectAttempts > 1 }
                    try await server.restart()
                    try await group.waitForAll()
                }
                #expect(client.statistics.reconnections == 1)
                #expect(client.statistics.connectAttempts < 50)
            }
        }
    }

    @Test func `one more than may wait is refused at once`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            let client = Self.client(server) {
                $0.connectTimeout = .seconds(20)
                $0.waitingLimit = 10
            }
            try await with(client) { client in
                try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<30 { group.addTask { await client.outcome(of: .of("PING")).failure } }
                    for _ in 0..<20 {
                        let failure = try await group.next()
                        #expect(failure == "overloaded, notSent")
                    }
                    server.resume()
                    for try await failure in group { #expect(failure == nil) }
                }
                #expect(client.statistics.overloads == 20)
            }
        }
    }

    @Test func `a cancelled task waits no longer, and takes nobody with it`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            try await with(Self.client(server) { $0.connectTimeout = .seconds(20) }) { client in
                let first = Task { await client.outcome(of: .of("PING")) }
                try await eventually { client.statistics.connectAttempts == 1 }
                let second = Task { await client.outcome(of: .of("PING")) }
                first.cancel()
                #expect(await first.value.failure == "cancelled, notSent")
                #expect(await client.outcome(of: .of("PING"), within: .zero).failure == "timedOut, notSent")
                server.resume()
                #expect(await second.value.reply == .status("PONG"))
                #expect(client.statistics.connectAttempts == 1)
            }
        }
    }

    @Test func `a server that is busy with a script is waited for`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--busy-reply-threshold", "10"]
        try await RedisServer.run(options) { server in
            try await with(Self.client(server)) { client in
                _ = try await client.send(.of("PING"))
                async let script = client.outcome(of: .of("EVAL", "while true do end", "0", lane: .bulk))
                try await eventually {
                    // Nothing but this is answered while a script runs.
                    do {
                        try server.command(["PING"])
                        return false
                    } catch {
                        return "\(error)".contains("BUSY")
                    }
                }
                async let reply = client.send(.of("SET", "k", "v"))
                try await eventually { client.statistics.retries > 0 }
                try server.command(["SCRIPT", "KILL"])
                #expect(try await reply == .status("OK"))
                guard case .error = await script.reply else {
                    Issue.record("the script was not killed")
                    return
                }
            }
        }
    }

    @Test func `a closed client has answered what it took and takes no more`() async throws {
        try await RedisServer.run { server in
            let client = Self.client(server) { $0.connection.silenceLimit = nil }
            let blocked = Task { await client.outcome(of: .of("BLPOP", "list", "0", lane: .bulk)) }
            try await eventually { try server.info("blocked_clients") == "1" }
            async let closed: Void = client.close()
            try await eventually { await client.outcome(of: .of("PING")).failure == "unreachable, notSent" }
            try server.command(["RPUSH", "list", "a"])
            #expect(await blocked.value.reply == .array([.text("list"), .text("a")]))
            await closed
            #expect(try server.info("connected_clients") == "1")
        }
    }

    @Test func `tasks can run on the loop that their replies come on`() async throws {
        try await RedisServer.run { server in
            try await with(Self.client(server)) { client in
                let executor = try #require(await client.executor)
                let reply = try await withTaskExecutorPreference(executor) { try await client.send(.of("PING")) }
                #expect(reply == .status("PONG"))
                try await with(Self.client(server) { $0.sharedConnections = 2 }) { client in
                    #expect(await client.executor == nil)
                    for _ in 0..<4 { _ = try await client.send(.of("PING")) }
                    #expect(client.statistics.connections == 2)
                }
            }
        }
    }
}
