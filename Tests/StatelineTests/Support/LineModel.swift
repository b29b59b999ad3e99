import NIOCore
import Stateline
import Synchronization

/// A dialect of lines, simple enough to judge by eye: `prompt:hello\n`.
///
/// Its answers are lines too: `text:...`, `call:ID NAME ARGUMENTS` and, at the end, `done`. Anything else is malformed.
struct LineDialect: Dialect {
    let name = "lines"

    func path(model: String, isStreamed: Bool) -> String { "/lines" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer(string: "begin\n") }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        for entry in entries { buffer.writeString(Self.line(entry)) }
    }

    static func line(_ entry: Entry) -> String {
        switch entry.content {
        case .instructions: "instructions:\(entry.text)\n"
        case .prompt: "prompt:\(entry.text)\n"
        case .reasoning: "reasoning:\(entry.text)\n"
        case .toolCalls(let calls): calls.map { "call:\($0.id) \($0.name) \($0.arguments)\n" }.joined()
        case .toolOutput(let output): "output:\(output.callID) \(entry.text)\n"
        case .response: "response:\(entry.text)\n"
        case .compaction: "compaction:\(entry.text)\n"
        }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer {
        ByteBuffer(string: tools.map { "tool:\($0.name) \($0.description)\n" }.joined())
    }

    func closing(_ call: CallParameters) -> ByteBuffer {
        ByteBuffer(string: "end \(call.model) \(call.isStreamed)\n")
    }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { Parser() }

    private struct Parser: AnswerParser {
        var pending = ""
        var text = ""
        var calls: [ToolCall] = []
        var isDone = false

        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            pending += String(buffer: bytes)
            var parts: [AnswerPart] = []
            while let end = pending.firstIndex(of: "\n") {
                let line = String(pending[..<end])
                pending = String(pending[pending.index(after: end)...])
                let fields = line.split(separator: ":", maxSplits: 1).map(String.init)
                switch fields.first {
                case "text":
                    text += fields.count > 1 ? fields[1] : ""
                    parts.append(.text(fields.count > 1 ? fields[1] : ""))
                case "call":
                    let words = fields[1].split(separator: " ", maxSplits: 2).map(String.init)
                    calls.append(ToolCall(id: words[0], name: words[1], arguments: words.count > 2 ? words[2] : "{}"))
                case "done": isDone = true
                default: throw .malformedAnswer(line)
                }
            }
            return parts
        }

        mutating func finish() throws(ModelError) -> Answer {
            guard isDone, pending.isEmpty else { throw .truncatedAnswer(receivedBytes: text.utf8.count) }
            var entries: [Entry] = []
            if !text.isEmpty { entries.append(.response(text)) }
            if !calls.isEmpty { entries.append(Entry(.toolCalls(calls))) }
            let usage = Usage(input: .init(totalTokenCount: 100), output: .init(totalTokenCount: 7))
            return Answer(entries: entries, finishReason: calls.isEmpty ? .stop : .toolCalls, usage: usage)
        }
    }
}

/// The bodies that models were sent, in order.
final class Recorder: Sendable {
    private let sent = Mutex<[[UInt8]]>([])

    var bodies: [[UInt8]] { sent.withLock { $0 } }

    func record(_ body: [UInt8]) { sent.withLock { $0.append(body) } }
}

/// A model that answers in scripted chunks of lines and remembers the bodies it was sent.
final class LineModel: LanguageModel {
    /// What one call gives: chunks, and then perhaps an error.
    struct Reply: Sendable {
        var refused: ModelError?
        var chunks: [String] = []
        var broken: ModelError?

        static func text(_ text: String) -> Reply { Reply(chunks: ["text:\(text)\n", "done\n"]) }

        static func calls(_ names: String...) -> Reply {
            Reply(chunks: names.enumerated().map { "call:c\($0.offset) \($0.element) {}\n" } + ["done\n"])
        }
    }

    let dialect: any Dialect = LineDialect()
    let route: Route
    private let script: Mutex<[Reply]>
    private let sent: Recorder

    /// Called before each chunk is given, and before the call fails or ends.
    private let step: @Sendable () async -> Void

    init(
        _ replies: [Reply],
        name: String = "lines",
        recorder: Recorder = Recorder(),
        step: @escaping @Sendable () async -> Void = {}
    ) {
        self.sent = recorder
        self.route = Route(provider: "test", endpoint: "here", model: name)
        self.script = Mutex(replies)
        self.step = step
    }

    /// The bodies of all calls.
    var bodies: [[UInt8]] { sent.bodies }

    func push(_ reply: Reply) {
        script.withLock { $0.append(reply) }
    }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        sent.record(Array(buffer: request.body.joined()))
        await step()
        let reply = script.withLock { $0.isEmpty ? Reply.text("ok") : $0.removeFirst() }
        if let error = reply.refused { throw error }
        let chunks = Mutex(reply.chunks[...])
        return .bytes(
            AnswerBytes { [step] () async throws(ModelError) in
                await step()
                if let chunk = chunks.withLock({ $0.popFirst() }) { return ByteBuffer(string: chunk) }
                if let error = reply.broken { throw error }
                return nil
            }
        )
    }
}

/// A tool that does what a closure does.
struct TestTool: Tool {
    struct Arguments: Decodable, Sendable {
        let a: Int?
    }

    let name: String
    var timeout: Duration = .seconds(60)
    var work: @Sendable () async throws -> String = { "fine" }

    let description = "A tool of the tests."
    let parameters = JSONSchema.object()

    func call(arguments: Arguments, context: ToolContext) async throws -> String { try await work() }
}

/// An error of the tests' own.
struct TestError: Error {}
