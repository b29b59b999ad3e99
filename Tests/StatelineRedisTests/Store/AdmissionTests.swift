import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct AdmissionTests {
    private let key = SessionKey("session")

    @Test func `of many first operations at once one asks the server whether it may keep sessions`() async throws {
        try await RedisServer.run { server in
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            try server.command(["CONFIG", "RESETSTAT"])
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let result = try await store.load(key, after: nil)
                        #expect(result == .gone(.absent))
                    }
                }
                try await group.waitForAll()
            }
            _ = try await store.load(key, after: nil)
            let calls = try server.calls(of: "info")
            #expect(calls == 1)
            await store.close()
        }
    }

    @Test func `a server that evicts is asked again, until it does not`() async throws {
        try await RedisServer.run { server in
            try server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            for _ in 0..<3 {
                let error = await #expect(throws: StoreError.self) { try await store.load(key, after: nil) }
                #expect(error?.reason == .denied && error?.committed == .no)
            }
            try server.command(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            let result = try await store.load(key, after: nil)
            #expect(result == .gone(.absent))
            await store.close()
        }
    }

    @Test func `who is cancelled leaves the others their answer`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            let first = Task { try await store.load(key, after: nil) }
            let second = Task { try await store.load(key, after: nil) }
            first.cancel()
            let error = await #expect(throws: StoreError.self) { try await first.value }
            #expect(error?.committed == .no)
            server.resume()
            let result = try await second.value
            #expect(result == .gone(.absent))
            await store.close()
        }
    }
}

extension RedisServer {
    /// How often a command was called since the statistics were reset.
    fileprivate func calls(of command: String) throws -> Int {
        let text = try self.command(["INFO", "commandstats"])
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        guard let line else { return 0 }
        return Int(line.split(separator: "=")[1].prefix { $0.isNumber }) ?? 0
    }
}
