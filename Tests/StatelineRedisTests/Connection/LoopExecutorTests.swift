import NIOConcurrencyHelpers
import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct LoopExecutorTests {
    @Test func `a task that prefers the loop runs on it, before a reply and after`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                let isOnLoop = await withTaskExecutorPreference(connection.executor) {
                    var isOnLoop = connectionLoop.inEventLoop
                    _ = try? await connection.send(command("PING"), deadline: .soon)
                    isOnLoop = isOnLoop && connectionLoop.inEventLoop
                    await Task.yield()
                    return isOnLoop && connectionLoop.inEventLoop
                }
                #expect(isOnLoop)
            }
        }
    }

    @Test func `tasks that yield for ever starve no socket`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                let isDone = NIOLockedValueBox(false)
                let yields = await withTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask(executorPreference: connection.executor) {
                            var count = 0
                            while !isDone.withLockedValue(\.self) {
                                count += 1
                                await Task.yield()
                            }
                            return count
                        }
                    }
                    for _ in 0..<50 {
                        let reply = try? await connection.send(command("PING"), deadline: .soon)
                        #expect(reply == .status("PONG"))
                    }
                    isDone.withLockedValue { $0 = true }
                    return await group.reduce(0, +)
                }
                #expect(yields > 0)
            }
        }
    }

    @Test func `connections of one loop share one executor`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { one in
                try await withConnection(to: server) { other in
                    #expect(one.executor === other.executor)
                }
            }
        }
    }
}
