import NIOCore
import Stateline
import Synchronization

/// A dialect of lines that counts the entries that it renders.
final class CountingLines: Dialect {
    let name = "counting"
    let variant: String?
    private let rendered = Mutex(0)

    init(variant: String?) {
        self.variant = variant
    }

    var count: Int { rendered.withLock { $0 } }

    func line(_ entry: Entry) -> String { "\(variant ?? ""):\(entry.text)\n" }

    func path(model: String, isStreamed: Bool) -> String { "/\(model)" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        rendered.withLock { $0 += entries.count }
        for entry in entries { buffer.writeString(line(entry)) }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { EntryDialect().makeParser(isStreamed: isStreamed) }
}
