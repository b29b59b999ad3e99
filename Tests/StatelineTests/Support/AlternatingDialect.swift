import NIOCore
import Stateline

/// A dialect in the manner of Bedrock's Converse: the model is in the path, the instructions stand outside of the
/// messages, and the roles of the messages alternate.
///
/// The last message is left open. What follows continues it, or closes it and begins the next one.
struct AlternatingDialect: Dialect {
    let name = "alternating"
    let variant: String? = ""

    func path(model: String, isStreamed: Bool) -> String { "/model/\(model)/\(isStreamed ? "stream" : "whole")" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer {
        let texts = preamble.map { JSONText.quoted($0.text) }
        return ByteBuffer(string: #"{"system":[\#(texts.joined(separator: ","))],"messages":["#)
    }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        var role = previous.reversed().lazy.compactMap { Self.role(of: $0) }.first
        for entry in entries {
            guard let next = Self.role(of: entry) else { continue }
            if role == next {
                buffer.writeString(",")
            } else {
                buffer.writeString(role == nil ? "" : "]},")
                buffer.writeString(#"{"role":"\#(next)","content":["#)
            }
            buffer.writeString(Self.blocks(of: entry))
            role = next
        }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer {
        guard !tools.isEmpty else { return ByteBuffer() }
        let names = tools.map { JSONText.quoted($0.name) }
        return ByteBuffer(string: #"]}],"tools":[\#(names.joined(separator: ","))]"#)
    }

    func closing(_ call: CallParameters) -> ByteBuffer {
        ByteBuffer(string: (call.tools.isEmpty ? "]}]" : "") + #","entries":\#(call.transcript.count)}"#)
    }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { EntryDialect().makeParser(isStreamed: isStreamed) }

    /// The role of the message that holds an entry; `nil` if no message does.
    private static func role(of entry: Entry) -> String? {
        switch entry.content {
        case .instructions, .reasoning: nil
        case .prompt, .toolOutput, .compaction: "user"
        case .toolCalls, .response: "assistant"
        }
    }

    private static func blocks(of entry: Entry) -> String {
        if case .toolCalls(let calls) = entry.content {
            return calls.map { #"{"call":\#(JSONText.quoted($0.name))}"# }.joined(separator: ",")
        }
        let kind = if case .toolOutput = entry.content { "output" } else { "text" }
        return #"{"\#(kind)":\#(JSONText.quoted(entry.text))}"#
    }
}
