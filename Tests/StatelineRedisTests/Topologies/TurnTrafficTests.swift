import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What a plain turn sends and receives, counted between the client and the server, on histories of all lengths.
@Suite struct TurnTrafficTests {
    /// How a turn begins.
    private enum Beginning: CaseIterable {
        case cold
        case warm
        case validated
    }

    private static let messages = [10, 100, 1000, 10_000]
    private static let text = String(repeating: "x", count: 1024)
    private static let model = FunctionModel { _ in .text(text) }

    @Test func `a turn's round trips and bytes do not grow with the history`() async throws {
        try await RedisServer.run { server in
            try await FaultProxy.run(to: .unixSocket(server.socketPath)) { proxy in
                let store = RedisStore(try RedisURL("redis+unix://\(proxy.socketPath)"))
                // Connections, scripts and the look at the server are nobody's turn.
                try await Self.write(20, to: "first", store)
                for beginning in Beginning.allCases { _ = try await Self.turn(beginning, "first", store, proxy) }
                var turns: [Beginning: [Traffic]] = [:]
                for count in Self.messages {
                    try await Self.write(count, to: "session \(count)", store)
                    for beginning in Beginning.allCases {
                        let turn = try await Self.turn(beginning, "session \(count)", store, proxy)
                        #expect(turn.trace.storeRoundTrips == 2 - (beginning == .warm ? 1 : 0))
                        turns[beginning, default: []].append(turn)
                    }
                }
                await store.close()
                #expect(turns[.cold]?.map(\.counts.roundTrips) == [2, 2, 2, 3])
                #expect(turns[.warm]?.map(\.counts.roundTrips) == [1, 1, 1, 1])
                #expect(turns[.validated]?.map(\.counts.roundTrips) == [2, 2, 2, 2])
                for (beginning, turns) in turns { Self.checkBytes(of: turns, beginning) }
            }
        }
    }

    private static func checkBytes(of turns: [Traffic], _ beginning: Beginning) {
        let (up, down) = (turns.map(\.counts.requestBytes), turns.map(\.counts.replyBytes))
        print("a turn of \(messages) messages, \(beginning): \(up) bytes up, \(down) bytes down")
        for turn in turns {
            // The new entries, and all that is around them and before them.
            #expect(turn.counts.requestBytes <= 2 * text.utf8.count + 512 * turn.counts.roundTrips)
            #expect(turn.trace.storeBytesWritten > 2 * text.utf8.count)
        }
        guard beginning != .cold else { return }
        // Numbers are longer where there is more to count: nothing else is.
        #expect(up.max()! - up.min()! <= 16 && down.max()! - down.min()! <= 16 && down.max()! <= 64)
    }

    /// Writes a session of so many messages, a thousand to a batch.
    private static func write(_ count: Int, to id: String, _ store: RedisStore) async throws {
        var log = LogWriter(SessionKey(id))
        var rest = count
        while rest > 0 {
            let position = log.position
            var batch = Batch(position.revision == 0 ? .creation : .turn, turn: .random(), created: .now())
            batch.entries = (0..<min(rest, 1000)).map { $0.isMultiple(of: 2) ? .prompt(text) : .response(text) }
            let result = try await store.append(log.append(batch), to: log.key, expecting: position)
            #expect(result == .committed(.primary))
            rest -= min(rest, 1000)
        }
    }

    /// What one turn sends and receives, as the turn says and as the proxy counts.
    private struct Traffic {
        let trace: TurnTrace
        let counts: ProxyCounts
    }

    /// One turn.
    private static func turn(
        _ beginning: Beginning,
        _ id: String,
        _ store: RedisStore,
        _ proxy: FaultProxy
    ) async throws -> Traffic {
        let cache = MemoryCache(validation: beginning == .validated ? .beforeCall : .optimistic)
        let boundary = Boundary(store: store, cache: cache)
        if beginning == .cold { proxy.resetCounts() }
        let session = try await boundary.session(SessionKey(id), model: model, opening: .resume)
        if beginning != .cold {
            try await session.respond(to: "before")
            proxy.resetCounts()
        }
        let response = try await session.respond(to: text)
        return Traffic(trace: response.trace, counts: proxy.counts)
    }
}
