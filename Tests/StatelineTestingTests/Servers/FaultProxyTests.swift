import NIOCore
import Testing

@testable import StatelineTesting

/// Each fault of a proxy, seen from a socket, with a real server behind it.
@Suite struct FaultProxyTests {
    /// A server, a proxy before it and a connection through that.
    private func run(_ body: (RedisServer, FaultProxy, RawClient) async throws -> Void) async throws {
        try await RedisServer.run { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                try await RawClient.run(port: proxy.port) { client in
                    try await body(server, proxy, client)
                }
            }
        }
    }

    @Test func `requests and replies pass, from TCP and unix sockets to both`() async throws {
        try await RedisServer.run { server in
            for target in [FaultProxy.Target.port(server.port), .unixSocket(server.socketPath)] {
                try await FaultProxy.run(to: target) { proxy in
                    try await RawClient.run(port: proxy.port) { #expect(await $0.ask("PING", 7) == "+PONG\r\n") }
                    try await RawClient.run(socketPath: proxy.socketPath) {
                        #expect(await $0.ask("PING", 7) == "+PONG\r\n")
                    }
                    #expect(proxy.counts.connections == 2)
                }
            }
        }
    }

    @Test func `a port that somebody takes first is left to them`() async throws {
        try await RedisServer.run { server in
            // The server itself has taken the port.
            var ports = [server.port, server.port, try await FreePort.find()]
            try await FaultProxy.run(to: .port(server.port), port: { ports.removeFirst() }) { proxy in
                #expect(proxy.port != server.port && ports.isEmpty)
                try await RawClient.run(port: proxy.port) { #expect(await $0.ask("PING", 7) == "+PONG\r\n") }
            }
        }
    }

    @Test func `a request that is cut before was not executed, and one that is cut before its reply was`() async throws
    {
        for ending in [RequestFault.Ending.close, .reset] {
            try await run { server, proxy, client in
                proxy.add(RequestFault(.cutBeforeRequest, ending: ending, request: 2))
                client.send("SET a 1", "SET b 1", "SET c 1")
                #expect(await client.rest() == "+OK\r\n" || ending == .reset)
                #expect(client.wasReset == (ending == .reset))
                #expect(try server.command(["EXISTS", "a"]) == "1")
                #expect(try server.command(["EXISTS", "b", "c"]) == "0")

                proxy.add(RequestFault(.cutBeforeReply, ending: ending, request: 1))
                try await RawClient.run(port: proxy.port) { client in
                    client.send("SET d 1")
                    #expect(await client.rest() == "")
                    #expect(client.wasReset == (ending == .reset))
                }
                #expect(try server.command(["EXISTS", "d"]) == "1")
                #expect(proxy.counts.faults == 2)
            }
        }
    }

    @Test func `a connection is cut after a reply, or in it`() async throws {
        try await run { _, proxy, client in
            proxy.add(RequestFault(.cutAfterReply, request: 1))
            client.send("PING", "ECHO second")
            #expect(await client.rest() == "+PONG\r\n")
            proxy.add(RequestFault(.cutInReply(after: 3), request: 1))
            try await RawClient.run(port: proxy.port) { client in
                client.send("PING")
                #expect(await client.rest() == "+PO")
            }
        }
    }

    @Test func `replies are dropped, doubled, swapped, preceded and given by the proxy`() async throws {
        try await run { server, proxy, client in
            proxy.add(RequestFault(.dropReply, request: 1))
            proxy.add(RequestFault(.duplicateReply, request: 3))
            proxy.add(RequestFault(.swapReplyWithNext, request: 4))
            proxy.add(RequestFault(.insertBeforeReply(ByteBuffer(string: "+extra\r\n")), request: 6))
            proxy.add(RequestFault(.answer(ByteBuffer(string: "-LOADING\r\n")), command: "set"))
            client.send("ECHO 1", "ECHO 2", "ECHO 3", "ECHO 4", "ECHO 5", "ECHO 6", "SET key 7", "ECHO 8")
            let expected = ["2", "3", "3", "5", "4", "extra", "6", "LOADING", "8"]
                .map { text in
                    switch text {
                    case "extra": "+extra\r\n"
                    case "LOADING": "-LOADING\r\n"
                    default: "$1\r\n\(text)\r\n"
                    }
                }
            #expect(await client.read(expected.joined().utf8.count) == expected.joined())
            let exists = try server.command(["EXISTS", "key"])
            #expect(exists == "0")
        }
    }

    @Test func `a fault spares some requests, hits some and then no more`() async throws {
        try await run { _, proxy, client in
            proxy.add(RequestFault(.duplicateReply, command: "PING", skipped: 1, times: 2))
            client.send("PING", "ECHO x", "PING", "PING", "PING")
            #expect(
                await client.read(7 + 7 + 14 + 14 + 7) == "+PONG\r\n$1\r\nx\r\n"
                    + String(repeating: "+PONG\r\n", count: 5)
            )
            #expect(proxy.counts.faults == 2)
        }
    }

    @Test func `what is late is late, and what is behind it waits`() async throws {
        try await run { _, proxy, client in
            proxy.add(RequestFault(.delayReply(.milliseconds(100)), request: 1))
            let begin = ContinuousClock.now
            client.send("PING", "ECHO x")
            #expect(await client.read(14) == "+PONG\r\n$1\r\nx\r\n")
            #expect(ContinuousClock.now - begin >= .milliseconds(100))
            proxy.shape { $0.latency = .milliseconds(50) }
            let second = ContinuousClock.now
            #expect(await client.ask("PING", 7) == "+PONG\r\n")
            #expect(ContinuousClock.now - second >= .milliseconds(100))
        }
    }

    @Test func `bytes come in slices, and no faster than the bandwidth`() async throws {
        try await run { server, proxy, client in
            try server.command(["SET", "key", String(repeating: "x", count: 1000)])
            proxy.shape(.down) { $0.sliceBytes = 1 }
            let reply = await client.ask("GET key", 1009)
            #expect(reply.utf8.count == 1009)
            #expect(client.chunkSizes.count > 1)
            proxy.shape(.down) {
                $0 = FaultProxy.Shape()
                $0.bytesPerSecond = 10_000
            }
            let begin = ContinuousClock.now
            #expect(await client.ask("GET key", 1009) == reply)
            #expect(ContinuousClock.now - begin >= .milliseconds(100))
        }
    }

    @Test func `a black hole swallows, and what is held comes later`() async throws {
        try await run { server, proxy, client in
            proxy.shape(.up) { $0.isBlackHole = true }
            client.send("SET lost 1")
            // The proxy counts what it swallows.
            while proxy.counts.swallowedBytes == 0 { await Task.yield() }
            proxy.mend()
            proxy.shape(.down) { $0.isHeld = true }
            client.send("SET kept 1")
            try await server.wait(until: "executed") { try $0.command(["EXISTS", "kept"]) == "1" }
            #expect(try server.command(["EXISTS", "lost"]) == "0")
            proxy.mend()
            #expect(await client.read(5) == "+OK\r\n")
        }
    }

    @Test func `connections are cut, half closed and refused`() async throws {
        try await run { _, proxy, client in
            #expect(await client.ask("PING", 7) == "+PONG\r\n")
            await proxy.refuse()
            await #expect(throws: (any Error).self) { try await RawClient.run(port: proxy.port) { _ in } }
            #expect(await client.ask("PING", 7) == "+PONG\r\n")
            await proxy.cut(.reset)
            #expect(await client.rest() == "")
            #expect(client.wasReset)
            #expect(proxy.openConnections == 0)
            try await proxy.listen()
            try await RawClient.run(port: proxy.port) { client in
                #expect(await client.ask("PING", 7) == "+PONG\r\n")
                await proxy.halfClose(.down)
                #expect(await client.rest() == "")
                #expect(!client.wasReset)
                client.send("SET still 1")
                while proxy.counts.commands["SET"] == nil { await Task.yield() }
            }
            #expect(proxy.counts.connections == 2)
        }
    }

    @Test func `a server that does not listen is a connection that ends`() async throws {
        try await FaultProxy.run(to: .unixSocket("/no/such/socket")) { proxy in
            try await RawClient.run(port: proxy.port) { client in
                #expect(await client.rest() == "")
            }
        }
    }

    @Test func `round trips, requests and bytes are counted`() async throws {
        try await run { server, proxy, client in
            #expect(await client.ask("PING", 7) == "+PONG\r\n")
            #expect(proxy.counts.roundTrips == 1)
            proxy.resetCounts()
            // Three at once are one; what follows a reply is another.
            client.send("PING", "PING", "PING")
            _ = await client.read(21)
            #expect(proxy.counts.roundTrips == 1)
            _ = await client.ask("PING", 7)
            #expect(proxy.counts.roundTrips == 2)
            #expect(proxy.counts.requests == 4)
            #expect(proxy.counts.replies == 4)
            #expect(proxy.counts.requestBytes == 4 * 14)
            #expect(proxy.counts.replyBytes == 4 * 7)
            #expect(proxy.counts.commands == ["PING": 4])
            // A large one is one, however it is cut: its first byte comes before the reply to the one before it.
            let text = String(repeating: "x", count: 1 << 20)
            client.send("PING", "SET key \(text)")
            _ = await client.read(12)
            #expect(proxy.counts.roundTrips == 3)
            #expect(await client.ask("GET key", (1 << 20) + 12).utf8.count == (1 << 20) + 12)
            #expect(proxy.counts.roundTrips == 4)
            let length = try server.command(["STRLEN", "key"])
            #expect(length == String(1 << 20))
        }
    }

    @Test func `a replica follows through the proxy, and hears nothing through a black hole`() async throws {
        try await RedisServer.run { primary in
            try await FaultProxy.run(to: .port(primary.port)) { proxy in
                var options = RedisServer.Options()
                options.arguments = ["--replicaof", "127.0.0.1", String(proxy.port)]
                try await RedisServer.run(options) { replica in
                    try await replica.wait(until: "follows") { try $0.info("master_link_status") == "up" }
                    try primary.command(["SET", "a", "1"])
                    try await replica.wait(until: "has it") { try $0.command(["GET", "a"]) == "1" }
                    proxy.shape { $0.isBlackHole = true }
                    try primary.command(["SET", "b", "1"])
                    #expect(try replica.command(["GET", "b"]) == "")
                }
            }
        }
    }
}
