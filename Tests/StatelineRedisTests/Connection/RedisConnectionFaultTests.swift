import NIOConcurrencyHelpers
import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisConnectionFaultTests {
    @Test func `a request whose deadline passes has an unknown outcome, and other requests succeed`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                await server.pause()
                let neighbour = Task { try await connection.send(command("ECHO", "neighbour"), deadline: .soon) }
                let error = await failure(
                    of: command("SET", "ghost", "1"),
                    over: connection,
                    deadline: .now() + .milliseconds(20)
                )
                #expect(error?.reason == .timedOut)
                #expect(error?.execution == .unknown)
                server.resume()
                let reply = try await neighbour.value
                #expect(reply == .text("neighbour"))
                let next = try await connection.send(command("GET", "ghost"), deadline: .soon)
                #expect(next == .text("1"))
            }
        }
    }

    @Test func `a deadline that is past sends nothing`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                for executor in [nil, connection.executor] {
                    let error = await withTaskExecutorPreference(executor) {
                        await failure(of: command("SET", "late", "1"), over: connection, deadline: .now())
                    }
                    #expect(error?.reason == .timedOut)
                    #expect(error?.execution == .notSent)
                }
                let reply = try await connection.send(command("GET", "late"), deadline: .soon)
                #expect(reply == .null)
            }
        }
    }

    @Test func `a task that is cancelled before it sends sends nothing`() async throws {
        try await RedisServer.run { server in
            try await withConnection(to: server) { connection in
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return await failure(of: command("SET", "never", "1"), over: connection)
                }
                task.cancel()
                let error = await task.value
                #expect(error?.reason == .cancelled)
                #expect(error?.execution == .notSent)
                let reply = try await connection.send(command("GET", "never"), deadline: .soon)
                #expect(reply == .null)
            }
        }
    }

    @Test func `of ten thousand commands three in ten are cancelled, and no reply goes astray`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await RedisServer.run { server in
            var configuration = RedisConnection.Configuration()
            // Almost at once, so that it is noticed of many whose reply is on its way.
            configuration.cancellationPause = .microseconds(20)
            try await withConnection(to: server, configuration) { connection in
                let strays = NIOLockedValueBox(0)
                let failures = NIOLockedValueBox(0)
                let cancelled = NIOLockedValueBox(0)
                let cancelledInFlight = NIOLockedValueBox(0)
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<50 {
                        group.addTask(executorPreference: worker % 2 == 0 ? connection.executor : nil) {
                            var generator = SeededGenerator(seed: seed &+ UInt64(worker))
                            for turn in 0..<200 {
                                let text = "\(worker).\(turn)"
                                let isVictim = Int.random(in: 0..<10, using: &generator) < 3
                                let yields = Int.random(in: 0..<4, using: &generator)
                                let task = Task {
                                    do {
                                        let reply = try await connection.send(command("ECHO", text), deadline: .soon)
                                        if reply != .text(text) { strays.withLockedValue { $0 += 1 } }
                                    } catch let error as RedisError where error.reason == .cancelled && isVictim {
                                        cancelled.withLockedValue { $0 += 1 }
                                        if error.execution == .unknown { cancelledInFlight.withLockedValue { $0 += 1 } }
                                    } catch {
                                        failures.withLockedValue { $0 += 1 }
                                    }
                                }
                                if isVictim {
                                    for _ in 0..<yields { await Task.yield() }
                                    task.cancel()
                                }
                                await task.value
                            }
                        }
                    }
                }
                #expect(strays.withLockedValue(\.self) == 0, "seed \(seed)")
                #expect(failures.withLockedValue(\.self) == 0, "seed \(seed)")
                #expect(cancelled.withLockedValue(\.self) > 0, "seed \(seed)")
                #expect(cancelledInFlight.withLockedValue(\.self) > 0, "seed \(seed)")
                let last = try await connection.send(command("ECHO", "last"), deadline: .soon)
                #expect(last == .text("last"))
            }
        }
    }

    @Test func `a server that dies leaves what was written unknown`() async throws {
        try await RedisServer.run { server in
            let connection = try await connect(to: .unixSocket(path: server.socketPath))
            await server.pause()
            let sent = Task { await failure(of: command("SET", "a", "1"), over: connection) }
            while connection.pendingCommands == 0 { await Task.yield() }
            await server.kill()
            let error = await sent.value
            #expect(error?.reason == .closed)
            #expect(error?.execution == .unknown)
            await connection.closed()
            let later = await failure(of: command("PING"), over: connection)
            #expect(later?.reason == .closed)
            #expect(later?.execution == .notSent)
        }
    }

    @Test func `a frozen server is noticed on an idle connection`() async throws {
        try await RedisServer.run { server in
            var configuration = RedisConnection.Configuration()
            configuration.keepAlive = .milliseconds(20)
            configuration.stallLimit = .milliseconds(300)
            let connection = try await connect(to: .unixSocket(path: server.socketPath), configuration)
            await server.pause()
            await connection.closed()
            #expect(!connection.isOpen)
            let error = await failure(of: command("PING"), over: connection)
            #expect(error?.reason == .timedOut)
            #expect(error?.execution == .notSent)
            server.resume()
        }
    }

    @Test func `behind a reply that never comes nobody waits for ever`() async throws {
        try await RedisServer.run { server in
            var configuration = RedisConnection.Configuration()
            configuration.stallLimit = .milliseconds(300)
            let connection = try await connect(to: .unixSocket(path: server.socketPath), configuration)
            await server.pause()
            let late = Task {
                await failure(of: command("GET", "a"), over: connection, deadline: .now() + .milliseconds(20))
            }
            // Its reply is the next one due: who asks after it stands behind it.
            while connection.pendingCommands == 0 { await Task.yield() }
            let patient = await failure(of: command("GET", "b"), over: connection)
            #expect(patient?.reason == .timedOut)
            #expect(patient?.execution == .unknown)
            // Long before its own deadline.
            #expect(patient?.message == RedisError.stalled.message)
            let error = await late.value
            #expect(error?.reason == .timedOut)
            server.resume()
        }
    }

    @Test func `bytes that the network does not take are bounded, and what is cancelled among them is never sent`()
        async throws
    {
        try await RedisServer.run { server in
            var configuration = RedisConnection.Configuration()
            configuration.outgoingLimit = 1 << 20
            try await withConnection(to: server, configuration) { connection in
                await server.pause()
                let value = ByteBuffer(repeating: 1, count: 256 << 10)
                let push = RedisRequest(slot: nil, isRepeatable: false) { encoder in
                    encoder.command(3)
                    encoder.argument("RPUSH")
                    encoder.argument("list")
                    encoder.argument(value)
                }
                await withTaskGroup(of: RedisError?.self) { group in
                    var sent = 0
                    var refused = 0
                    // Until one is refused, which comes back at once; all others wait.
                    while refused == 0 {
                        group.addTask { await failure(of: push, over: connection) }
                        sent += 1
                        if sent > 16 {
                            let error = await group.next()
                            #expect(error??.reason == .overloaded)
                            #expect(error??.execution == .notSent)
                            refused += 1
                        }
                    }
                    group.cancelAll()
                    var unknown = 0
                    for await error in group {
                        #expect([.cancelled, .overloaded].contains(error?.reason))
                        if error?.execution == .unknown { unknown += 1 }
                    }
                    #expect(unknown < sent - refused)
                    server.resume()
                    let length = try? await connection.send(command("LLEN", "list"), deadline: .soon)
                    #expect(length == .integer(Int64(unknown)))
                }
            }
        }
    }

    @Test func `too many commands at a time are refused`() async throws {
        try await RedisServer.run { server in
            var configuration = RedisConnection.Configuration()
            configuration.inFlightLimit = 8
            try await withConnection(to: server, configuration) { connection in
                await server.pause()
                await withTaskGroup(of: RedisError?.self) { group in
                    for number in 0..<24 {
                        group.addTask(executorPreference: number % 2 == 0 ? connection.executor : nil) {
                            await failure(of: command("PING"), over: connection)
                        }
                    }
                    var refused = 0
                    for _ in 0..<16 {
                        let error = await group.next()
                        #expect(error??.reason == .overloaded)
                        #expect(error??.execution == .notSent)
                        refused += 1
                    }
                    server.resume()
                    for await error in group { #expect(error == nil) }
                    #expect(refused == 16)
                }
            }
        }
    }
}
