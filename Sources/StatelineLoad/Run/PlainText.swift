internal import NIOCore
internal import Stateline

/// The dialect of the load's model: plain text, so that four bytes of a request are one token.
///
/// The common prefix of two requests is exactly the common prefix of their text.
struct PlainText: Dialect {
    var name: String { "stateline.load" }
    var variant: String? { "" }
    var path: String { "" }
    var opening: ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, isFirst: Bool, into buffer: inout ByteBuffer) {
        for entry in entries {
            if case .toolCalls(let calls) = entry.content {
                for call in calls { buffer.writeString(call.arguments) }
            } else {
                buffer.writeString(entry.text)
            }
        }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(model: String, options: GenerationOptions, isStreamed: Bool) -> ByteBuffer { ByteBuffer() }

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
