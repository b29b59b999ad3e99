internal import NIOCore
internal import Stateline

/// The dialect of the load's model: plain text, so that four bytes of a request are one token.
///
/// The common prefix of two requests is exactly the common prefix of their text.
struct PlainText: Dialect {
    var name: String { "stateline.load" }
    var variant: String? { "" }

    func path(model: String, isStreamed: Bool) -> String { "" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        for entry in entries {
            if case .toolCalls(let calls) = entry.content {
                for call in calls { buffer.writeString(call.arguments) }
            } else {
                buffer.writeString(entry.text)
            }
        }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { Refusal() }

    private struct Refusal: AnswerParser {
        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            throw .malformedAnswer("the load's model answers in entries, not in bytes")
        }

        mutating func finish() throws(ModelError) -> Answer {
            throw .malformedAnswer("the load's model answers in entries, not in bytes")
        }
    }
}
