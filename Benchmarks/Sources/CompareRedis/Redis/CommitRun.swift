internal import Stateline
@_spi(Benchmark) internal import StatelineRedis
internal import StatelineTesting
internal import Workload

/// Who puts the bytes of turns into logs.
enum LogWriter: String, CaseIterable {
    /// Turns of sessions, which check what they append to.
    case commit = "a commit"
    /// `APPEND` of as many bytes, which checks nothing.
    case append = "raw APPEND"
    /// `XADD` of as many bytes, which checks nothing either.
    case add = "raw XADD"
}

/// Appends to sixteen logs at a time, and what they cost the server.
///
/// Each run writes to logs of its own, so that all are of one length.
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

    /// Connects, and looks how many bytes a turn of half a kibibyte each way appends.
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

    /// The server's CPU time for each append, in nanoseconds.
    ///
    /// - Parameters:
    ///   - writer: Who appends.
    ///   - run: A name that no run had before.
    /// - Returns: The time.
    /// - Throws: What the store or the server could not do.
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
