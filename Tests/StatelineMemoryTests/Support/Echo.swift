import NIOConcurrencyHelpers
import NIOCore
import Stateline

/// A model that says how many entries it was shown, in a dialect that counts how many it renders.
struct Echo: LanguageModel {
    struct Lines: Dialect {
        let name = "echo"
        var variant: String? = "plain"
        var prefix = ""
        let rendered = NIOLockedValueBox(0)

        func path(model: String, isStreamed: Bool) -> String { "" }

        func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

        func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer)
        {
            rendered.withLockedValue { $0 += entries.count }
            for entry in entries { buffer.writeString("\(prefix)\(entry.text)\n") }
        }

        func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

        func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

        func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }
        func makeParser(isStreamed: Bool) -> any AnswerParser { EntryDialect().makeParser(isStreamed: isStreamed) }
    }

    let lines: Lines
    var dialect: any Dialect { lines }
    let route = Route(provider: "echo", model: "echo")
    private let sent = NIOLockedValueBox<[String]>([])

    init(lines: Lines = Lines()) {
        self.lines = lines
    }

    /// The bodies of all calls.
    var bodies: [String] { sent.withLockedValue { $0 } }
    /// How many entries were rendered.
    var renderedCount: Int { lines.rendered.withLockedValue { $0 } }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        sent.withLockedValue { $0.append(String(buffer: request.body.joined())) }
        return .answer(.text("saw \(request.transcript.count)"))
    }
}
