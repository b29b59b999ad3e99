internal import Stateline
@_spi(Benchmark) internal import StatelineRedis
internal import StatelineTesting
internal import Workload

/// A way to append the bytes of turns to logs.
enum LogWriter: String, CaseIterable {
    /// Turns of sessions, which check the position that they append to.
    case commit = "a commit"
    /// `APPEND` of the same number of bytes, which checks nothing.
    case append = "raw APPEND"
    /// `XADD` of the same number of bytes, which checks nothing.
    case add = "raw XADD"
}

/// Appends to sixteen logs at a time, and measures the server's cost.
///
/// Each run writes to logs of its own, so that all have the same length.
final class CommitRun: Sendable {
    private static let logs = 16

    private let server: RedisServer
    private let store: RedisStore
    private let probe: ConnectionProbe
    private let boundary: Boundary
    private let model: NullTransport
    private let text: String
    private let turns: Int
    private let bytes: Int

    /// Connects, and counts the bytes that a turn of half a kibibyte each way appends.
    init(to server: RedisServer, operations: Int) async throws {
        self.server = server
        turns = operations / Self.logs
        text = String(repeating: "a", count: 512)
        model = NullTransport(answer: text)
        store = RedisStore(try RedisURL("redis+unix://\(server.socketPath)"))
        boundary = Boundary(store: store)
        probe = try await ConnectionProbe(unixSocket: server.socketPath)
        let session = try await boundary.session(SessionKey("sample"), model: model)
        _ = try await session.respond(to: text)
        bytes = try await session.respond(to: text).trace.storeBytesWritten
    }

    /// Measures the server's CPU time for each append, in nanoseconds.
    ///
    /// - Parameters:
    ///   - writer: The way to append.
    ///   - run: A name that no run had before.
    /// - Returns: The time.
    /// - Throws: The error of the store or of the server.
    func measure(_ writer: LogWriter, run: Int) async throws -> Double {
        let sessions: [ModelSession] =
            if writer == .commit { try await openSessions(run) } else { [] }
        let before = try cpu()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.logs {
                group.addTask { [self] in
                    if writer == .commit {
                        for _ in 0..<turns { _ = try await sessions[number].respond(to: text) }
                    } else {
                        try await append(by: writer, to: "\(run).\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        return (try cpu() - before) * 1e9 / Double(turns * Self.logs)
    }

    /// Ends the connections.
    func close() async {
        await store.close()
        await probe.close()
    }

    private func openSessions(_ run: Int) async throws -> [ModelSession] {
        var sessions: [ModelSession] = []
        for number in 0..<Self.logs {
            let session = try await boundary.session(SessionKey("\(run).\(number)"), model: model)
            // A creation is another operation.
            _ = try await session.respond(to: text)
            sessions.append(session)
        }
        return sessions
    }

    private func append(by writer: LogWriter, to log: String) async throws {
        let value = String(repeating: "a", count: bytes)
        let command = writer == .append ? ["APPEND", log, value] : ["XADD", log, "*", "b", value]
        for _ in 0..<turns { try await probe.send(command) }
    }

    private func cpu() throws -> Double {
        let fields = ["used_cpu_user", "used_cpu_sys"]
        return try fields.reduce(0) { try $0 + (Double(server.info($1) ?? "") ?? 0) }
    }
}
