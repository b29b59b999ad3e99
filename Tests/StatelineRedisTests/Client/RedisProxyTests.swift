import NIOCore
import NIOPosix
import StatelineTesting
import Testing

@testable import StatelineRedis

/// A client of a server behind a proxy that loses, cuts and mixes up.
@Suite struct RedisProxyTests {
    private static func run(_ body: (RedisClient, FaultProxy, RedisServer) async throws -> Void) async throws {
        try await RedisServer.run { server in
            try await FaultProxy.run(to: .unixSocket(server.socketPath)) { proxy in
                let client = RedisClient(
                    server: .unixSocket(path: proxy.socketPath),
                    on: MultiThreadedEventLoopGroup.singleton
                )
                try await with(client) { try await body($0, proxy, server) }
            }
        }
    }

    /// A request whose answer is known.
    private static func echo(_ text: String, isRepeatable: Bool = false) -> RedisRequest {
        RedisRequest(
            slot: nil,
            isRepeatable: isRepeatable,
            readReply: { reply, _ in reply == .text(text) ? reply : nil },
            encode: { encoder in
                encoder.command(2)
                encoder.argument("ECHO")
                encoder.argument(text)
            }
        )
    }

    @Test(arguments: [RequestFault.Action.dropReply, .swapReplyWithNext, .duplicateReply])
    func `a connection whose replies are out of step is ended, and nobody takes another's reply`(
        action: RequestFault.Action
    ) async throws {
        try await Self.run { client, proxy, _ in
            _ = try await client.send(Self.echo("first"))
            proxy.add(RequestFault(action, command: "ECHO"))
            let outcomes = await withTaskGroup(of: (String, Result<RESPValue, RedisError>).self) { group in
                for number in 0..<20 {
                    group.addTask { ("\(number)", await client.outcome(of: Self.echo("\(number)"))) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (text, outcome) in outcomes {
                switch outcome {
                case .success(let reply): #expect(reply == .text(text))
                case .failure(let error): #expect(error.reason == .protocolViolation && error.execution == .unknown)
                }
            }
            let failures = outcomes.filter { $0.1.failure != nil }
            #expect(client.statistics.mismatches == failures.count)
            try await eventually { await client.outcome(of: Self.echo("last")).reply == .text("last") }
            #expect(client.statistics.reconnections == 1)
        }
    }

    @Test(arguments: [RequestFault.Action.dropReply, .swapReplyWithNext, .duplicateReply])
    func `a repeatable request on a connection out of step is sent again over another one`(
        action: RequestFault.Action
    ) async throws {
        try await Self.run { client, proxy, _ in
            _ = try await client.send(Self.echo("first"))
            proxy.add(RequestFault(action, command: "ECHO"))
            let outcomes = await withTaskGroup(of: (String, Result<RESPValue, RedisError>).self) { group in
                for number in 0..<20 {
                    group.addTask {
                        ("\(number)", await client.outcome(of: Self.echo("\(number)", isRepeatable: true)))
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (text, outcome) in outcomes { #expect(outcome.reply == .text(text)) }
            #expect(client.statistics.mismatches > 0)
            #expect(client.statistics.reconnections == 1)
        }
    }

    @Test func `a request whose reply was cut off is sent again where it may be, and is unknown where not`()
        async throws
    {
        try await Self.run { client, proxy, server in
            _ = try await client.send(.of("PING"))
            proxy.add(RequestFault(.cutBeforeReply, command: "INCR", times: 2))
            #expect(await client.outcome(of: .of("INCR", "n")).failure == "closed, unknown")
            #expect(await client.outcome(of: .of("INCR", "n", isRepeatable: true)).reply == .integer(3))
            proxy.add(RequestFault(.cutBeforeRequest, command: "INCR"))
            #expect(await client.outcome(of: .of("INCR", "n")).failure == "closed, unknown")
            #expect(try server.command(["GET", "n"]) == "3")
        }
    }

    @Test func `a server that answers nobody any more is given up, and found again`() async throws {
        try await Self.run { client, proxy, _ in
            _ = try await client.send(.of("PING"))
            await proxy.refuse()
            await proxy.cut(.close)
            try await eventually { await client.outcome(of: .of("PING")).failure == "unreachable, notSent" }
            try await proxy.listen()
            try await eventually { await client.outcome(of: .of("PING")).reply == .status("PONG") }
        }
    }
}
