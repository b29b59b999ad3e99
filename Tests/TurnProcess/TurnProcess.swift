internal import Foundation
internal import Stateline
internal import StatelineRedis
internal import Synchronization

/// A process that takes turns on a session in Redis, and that ends with SIGKILL at a named moment of a turn.
///
/// Arguments: `URL ID JOURNAL PROMPT [POLICY [COUNT]]`. The prompt `resume` continues the open turn. With a count, so many
/// handles take a turn each at the same time, with the prompts `PROMPT-0`, `PROMPT-1` and so on; a prompt that begins with
/// `plain` needs no tools. `STATELINE_TERM` is the term of leases in milliseconds, 500 by default. The environment variable
/// `STATELINE_CRASH_POINT` is `COUNT NAME`: the process kills itself when it reaches the moment of that name for the
/// nth time. Each model call and each run of a tool is a line of the journal, written before it happens; the last line on the
/// standard output is `done` with the answer, or `failed` with the error.
@main
enum TurnProcess {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5 else { exit(64) }
        crashAtPoint()
        let journal = Journal(path: arguments[3])
        let store = RedisStore(try RedisURL(arguments[1]))
        let configuration = configuration(arguments.count > 5 ? arguments[5] : "reject")
        let boundary = Boundary(store: store)
        let count = arguments.count > 6 ? Int(arguments[6]) ?? 1 : 1
        await withTaskGroup { group in
            for index in 0..<count {
                let prompt = count == 1 ? arguments[4] : "\(arguments[4])-\(index)"
                group.addTask { await take(prompt, arguments[2], boundary, configuration, journal) }
            }
        }
        await store.close()
        exit(0)
    }

    private static func take(
        _ prompt: String,
        _ id: String,
        _ boundary: Boundary,
        _ configuration: SessionConfiguration,
        _ journal: Journal
    ) async {
        do {
            let session =
                try await boundary
                .session(
                    SessionKey(id),
                    model: model(journal),
                    tools: ["once", "again", "asked"]
                        .map { JournalTool(name: $0, isIdempotent: $0 == "again", journal: journal) },
                    configuration: configuration
                )
            let response = try await answer(prompt, session)
            say("done \(response.session.id) \(response.turn.rawValue) \(prompt): \(response.content)")
        } catch {
            say("failed \(prompt): \(word(error))")
        }
    }

    private static func word(_ error: any Error) -> String {
        switch error as? SessionError {
        case .turnIsOpen: "turn_is_open"
        case .turnLost(.superseded, let draft): "superseded \(draft == nil ? "without" : "with") a draft"
        case .turnLost: "lost"
        default: "\(error)"
        }
    }

    private static func answer(_ prompt: String, _ session: ModelSession) async throws -> Response<String> {
        var next: [ActionAnswer]? = prompt == "resume" ? [] : nil
        while true {
            do throws(SessionError) {
                if let answers = next { return try await session.resume(answering: answers) }
                return try await session.respond(to: prompt, idempotencyKey: prompt)
            } catch {
                guard case .turnWaiting(_, _, let actions) = error else { throw error }
                next = actions.map { .approve($0.call.id) }
            }
        }
    }

    private static func configuration(_ policy: String) -> SessionConfiguration {
        var configuration = SessionConfiguration(
            retries: .none,
            durability: .step,
            leaseTerm: .milliseconds(Int(ProcessInfo.processInfo.environment["STATELINE_TERM"] ?? "") ?? 500)
        )
        configuration.orphans = .rerunIfIdempotent
        configuration.policy =
            switch policy {
            case "enqueue": .enqueue(limit: 64)
            case "supersede": .supersede
            case "branch": .branch
            case "steer": .steer
            case "optimistic": .optimistic
            default: .reject
            }
        return configuration
    }

    /// A model whose answer depends on the request alone: two steps of tools, then the text.
    private static func model(_ journal: Journal) -> FunctionModel {
        FunctionModel(name: "steps") { request in
            let transcript = request.transcript
            let start = transcript.lastIndex { if case .prompt = $0.content { true } else { false } } ?? 0
            let outputs = transcript[start...].count { if case .toolOutput = $0.content { true } else { false } }
            journal.write("call \(transcript[start].text) \(outputs)")
            let names = [["once", "again"], ["asked"]]
            let made = transcript[start...].count { if case .toolCalls = $0.content { true } else { false } }
            guard made < names.count, !transcript[start].text.hasPrefix("plain") else {
                return .text("answer to \(transcript[start].text)")
            }
            let calls = names[made]
                .map { name in
                    ToolCall(id: "\(transcript[start].text)-\(name)", name: name, arguments: "{}")
                }
            return Answer(entries: [Entry(.toolCalls(calls))], finishReason: .toolCalls)
        }
    }

    private static func crashAtPoint() {
        #if DEBUG
        let words = (ProcessInfo.processInfo.environment["STATELINE_CRASH_POINT"] ?? "")
            .split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let count = Int(words[0]) else { return }
        let reached = Mutex(0)
        CrashPoint.set { name in
            guard name == words[1] else { return }
            let number = reached.withLock { reached in
                reached += 1
                return reached
            }
            if number == count { kill(getpid(), SIGKILL) }
        }
        #endif
    }

    /// Writes a line at once.
    private static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// A file to which several processes append lines.
private final class Journal: Sendable {
    private let file: Mutex<FileHandle>

    init(path: String) {
        // Safety: the path is a string of this call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        file = Mutex(FileHandle(fileDescriptor: descriptor))
    }

    /// Writes a line, in one system call.
    func write(_ line: String) {
        file.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) }
    }
}

/// A tool that notes each run.
private struct JournalTool: Tool {
    struct Arguments: Decodable, Sendable {}

    let name: String
    let isIdempotent: Bool
    let journal: Journal
    let description = "Works."
    let parameters = JSONSchema.object()

    func needsApproval(of call: ToolCall, in context: ToolContext) -> Bool { name == "asked" }

    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        journal.write("run \(context.call)")
        return "output of \(context.call)"
    }
}
