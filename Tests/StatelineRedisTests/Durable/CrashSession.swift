import Foundation
import Stateline
import StatelineRedis
import StatelineTesting
import Testing

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
    func start(
        _ prompt: String,
        policy: String = "reject",
        count: Int = 1,
        crash: String? = nil
    ) throws -> TurnRun {
        try TurnRun(url, id, journal: journal, prompt: prompt, policy: policy, count: count, crash: crash)
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
    /// - Throws: What the store or the journal's file fails with.
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
