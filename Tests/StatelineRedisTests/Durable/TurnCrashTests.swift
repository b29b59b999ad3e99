import Foundation
import Stateline
import StatelineRedis
import StatelineTesting
import Testing

/// F4, F5: processes that are killed with a turn open, and others that continue it, on a real server.
@Suite struct TurnCrashTests {
    /// The moments, with how many times a turn of two steps, three calls and one approval reaches each.
    static let moments: [(name: String, count: Int)] = [
        ("before opened", 1), ("after opened", 1), ("calling", 3), ("answered", 3), ("before stepped", 6),
        ("after stepped", 6), ("running", 3), ("returned", 3), ("before waiting", 1), ("after waiting", 1),
        ("before decided", 1), ("after decided", 1), ("before ended", 1), ("after ended", 1),
    ]

    /// Every moment, the first and the last time, and the moments of a continuation.
    static let points: [String] =
        moments.flatMap { moment in Set([1, moment.count]).sorted().map { "\($0) \(moment.name)" } }

    @Test(arguments: points)
    func `a turn that was killed at a named moment has its answer, once, from another process`(
        point: String
    ) async throws {
        try await CrashSession.run { session in
            #expect(await session.run("p1", crash: point) == nil, "the process reaches the moment")
            try await session.complete("p1")
            try await session.complete("p2")
            try await session.check(["p1", "p2"], deaths: 1)
        }
    }

    @Test(arguments: ["1 before taken", "1 after taken", "1 calling", "1 after stepped", "1 before ended"])
    func `a process that is killed while it continues a turn leaves it to a third`(point: String) async throws {
        try await CrashSession.run { session in
            #expect(await session.run("p1", crash: "1 after stepped") == nil)
            #expect(await session.run("resume", crash: point) == nil)
            try await session.complete("p1")
            try await session.check(["p1"], deaths: 2)
        }
    }

    /// In CI a few; all with `STATELINE_SOAK=1`.
    @Test func `a process may be killed at any time`() async throws {
        let count = ProcessInfo.processInfo.environment["STATELINE_SOAK"] == nil ? 12 : 1000
        for trial in 0..<count {
            try await CrashSession.run { session in
                let run = try session.start("p1")
                // From before the first request to after the last one.
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...350)))
                run.kill()
                let line = await run.line()
                try await session.complete("p1")
                try await session.complete("p2")
                try await session.check(["p1", "p2"], deaths: line == nil ? 1 : 0, "trial \(trial)")
            }
        }
    }
}

/// A session, its server and its journal.
final class CrashSession: Sendable {
    let server: RedisServer
    let folder: URL
    let id = "mortal"

    var url: String { "redis+unix://\(server.socketPath)" }
    var journal: URL { folder.appending(path: "journal") }

    private init(_ server: RedisServer) throws {
        self.server = server
        folder = FileManager.default.temporaryDirectory.appending(path: "turn-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs a test with a server of its own.
    static func run(_ body: (CrashSession) async throws -> Void) async throws {
        try await RedisServer.run { server in try await body(try CrashSession(server)) }
    }

    /// Starts a process.
    func start(_ prompt: String, policy: String = "reject", crash: String? = nil) throws -> TurnRun {
        try TurnRun(url, id, journal: journal, prompt: prompt, policy: policy, crash: crash)
    }

    /// Runs a process to its end; `nil` if it was killed.
    func run(_ prompt: String, crash: String? = nil) async -> String? {
        guard let run = try? start(prompt, crash: crash) else { return "not started" }
        return await run.line()
    }

    /// Continues the open turn if there is one, then asks with the prompt, as a client that repeats its request does.
    func complete(_ prompt: String) async throws {
        _ = await run("resume")
        let line = await run(prompt)
        #expect(line?.hasPrefix("done") == true, "\(line ?? "killed")")
        #expect(line?.hasSuffix("answer to \(prompt)") == true, "\(line ?? "killed")")
    }

    /// Checks the history and the journal.
    ///
    /// - Parameters:
    ///   - prompts: The prompts that were answered, in their order.
    ///   - deaths: The number of processes that were killed: each may have made one call whose answer was lost.
    ///   - comment: The trial.
    func check(_ prompts: [String], deaths: Int, _ comment: Comment? = nil) async throws {
        let store = RedisStore(try RedisURL(url))
        let session = try await Boundary(store: store).session(SessionKey(id), model: FunctionModel { _ in .text("") })
        await store.close()
        let transcript = session.transcript
        let asked = transcript.compactMap { if case .prompt = $0.content { $0.text } else { nil } }
        #expect(asked == prompts, comment)
        let answers = transcript.compactMap { if case .response = $0.content { $0.text } else { nil } }
        #expect(answers == prompts.map { "answer to \($0)" }, comment)
        #expect(transcript.unansweredCalls.isEmpty, comment)
        let lines = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n").map(String.init)
        for prompt in prompts {
            #expect(lines.count { $0 == "run \(prompt)-once" } <= 1, comment)
            #expect(lines.count { $0 == "run \(prompt)-asked" } <= 1, comment)
        }
        #expect(lines.count { $0.hasPrefix("call ") } <= 3 * prompts.count + deaths, comment)
    }
}

extension Transcript {
    /// The tool calls, anywhere, that are not followed by their outputs before anything else.
    var unansweredCalls: [ToolCall.ID] {
        var open: [ToolCall.ID] = []
        var wrong: [ToolCall.ID] = []
        for entry in self {
            switch entry.content {
            case .toolCalls(let calls): open += calls.map(\.id)
            case .toolOutput(let output):
                if let index = open.firstIndex(of: output.callID) {
                    open.remove(at: index)
                } else {
                    wrong.append(output.callID)
                }
            default:
                wrong += open
                open = []
            }
        }
        return wrong + open
    }
}
