import Foundation
import NIOCore
import Testing

@testable import StatelineTesting

@Suite struct RedisServerTests {
    @Test func `a server answers, and is gone with its folder when the body has ended`() async throws {
        let (pid, folder) = try await RedisServer.run { server in
            let set = try server.command(["SET", "key", "value"])
            #expect(set == "OK")
            #expect(try server.command(["GET", "key"]) == "value")
            #expect(try server.command(["CONFIG", "GET", "appendonly"]) == "appendonly\nno")
            return (server.pid, server.folder)
        }
        #expect(kill(pid, 0) == -1)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `a server is gone when the body has thrown`() async throws {
        struct Planned: Error {}
        var pid: Int32 = 0
        await #expect(throws: Planned.self) {
            try await RedisServer.run { server in
                pid = server.pid
                throw Planned()
            }
        }
        #expect(pid > 0)
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a server is gone when the task was cancelled`() async throws {
        let (started, start) = AsyncStream.makeStream(of: Int32.self)
        let pid = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await RedisServer.run { server in
                    start.yield(server.pid)
                    try await Task.sleep(for: .seconds(3600))
                }
            }
            let pid = await started.first { _ in true }
            group.cancelAll()
            return pid ?? 0
        }
        #expect(pid > 0)
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a server's own error is thrown as its text`() async throws {
        try await RedisServer.run { server in
            let error = #expect(throws: RedisServerError.self) { try server.command(["NONSENSE"]) }
            #expect(error?.reason == .refused)
            #expect(error?.message.hasPrefix("ERR unknown command 'NONSENSE'") == true)
            let replies = try server.replies(to: [[ByteBuffer(string: "MULTI")], [ByteBuffer(string: "NONSENSE")]])
            #expect(replies[0] == .status("OK"))
            #expect(replies[1].text.hasPrefix("ERR"))
        }
    }

    @Test func `a server that does not start says what it logged`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--no-such-directive", "1"]
        let error = await #expect(throws: RedisServerError.self) { try await RedisServer.run(options) { _ in } }
        #expect(error?.reason == .notStarted)
        #expect(error?.message.contains("no-such-directive") == true)
    }

    @Test func `what was acknowledged comes back after kill -9 with an append-only file, and not without`() async throws
    {
        for appendOnly in [true, false] {
            var options = RedisServer.Options()
            options.appendOnly = appendOnly
            try await RedisServer.run(options) { server in
                let pid = server.pid
                try server.command(["SET", "key", "value"])
                await server.kill()
                #expect(!server.isRunning)
                #expect(throws: RedisServerError.self) { try server.command(["PING"]) }
                try await server.restart()
                #expect(server.pid != pid)
                #expect(try server.command(["GET", "key"]) == (appendOnly ? "value" : ""))
            }
        }
    }

    @Test func `a paused server answers when it goes on`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            let ping = server.administrator.exchange([[ByteBuffer(string: "PING")]], within: .milliseconds(50))
            await #expect(throws: RedisServerError.self) { try await ping.get() }
            server.resume()
            let answer = try server.command(["PING"])
            #expect(answer == "PONG")
        }
    }

    @Test func `a manual clock stands until it is moved, for TIME, for PEXPIRE and for the expiry of keys`()
        async throws
    {
        var options = RedisServer.Options()
        options.clock = .manual
        try await RedisServer.run(options) { server in
            func time() throws -> Int64 {
                let parts = try server.command(["TIME"]).split(separator: "\n").compactMap { Int64($0) }
                return parts[0] * 1000 + parts[1] / 1000
            }
            let begin = try time()
            #expect(begin == server.now)
            try server.command(["SET", "key", "value", "PX", "600000"])
            try server.advance(by: .milliseconds(599_999))
            #expect(try time() == begin + 599_999)
            #expect(try server.command(["PTTL", "key"]) == "1")
            try server.command(["PEXPIRE", "key", "1000"])
            try server.advance(by: .seconds(1))
            #expect(try server.command(["GET", "key"]) == "value")
            try server.advance(by: .milliseconds(1))
            #expect(try server.command(["GET", "key"]) == "")
            try server.advance(by: .seconds(-3600))
            #expect(try time() == begin + 599_999 + 1001 - 3_600_000)
            let script = "local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)"
            #expect(try server.command(["EVAL", script, "0"]) == String(server.now))
        }
    }

    @Test func `a user has the password and the rules that it was given`() async throws {
        var options = RedisServer.Options()
        options.password = "secret"
        options.users = ["app on >word ~sl1:* +get"]
        try await RedisServer.run(options) { server in
            #expect(try server.command(["AUTH", "default", "secret"]) == "OK")
            #expect(throws: RedisServerError.self) { try server.command(["AUTH", "default", "other"]) }
            let set = try server.replies(
                to: [["AUTH", "app", "word"], ["GET", "sl1:x"], ["SET", "sl1:x", "1"]]
                    .map {
                        $0.map(ByteBuffer.init(string:))
                    }
            )
            #expect(set[0] == .status("OK"))
            #expect(set[1] == .null)
            #expect(set[2].text.hasPrefix("NOPERM"))
        }
    }
}
