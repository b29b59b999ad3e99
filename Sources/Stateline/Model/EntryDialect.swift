public import NIOCore

/// The dialect of models that take entries as they are: what crosses is their stored form.
///
/// There is no parser of answers, because such models answer in entries: bytes are refused.
public struct EntryDialect: Dialect {
    /// Makes the dialect.
    public init() {}

    /// The stable name.
    public var name: String { "stateline.entries" }
    /// There is one rendering.
    public var variant: String? { "" }
    /// No path.
    public var path: String { "" }
    /// No opening.
    public var opening: ByteBuffer { ByteBuffer() }

    /// Appends each entry's length and stored form.
    public func render(_ entries: ArraySlice<Entry>, isFirst: Bool, into buffer: inout ByteBuffer) {
        for entry in entries { BatchFormat.write(entry, to: &buffer) }
    }

    /// No declaration: such models are given the tools as they are.
    public func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    /// The model's name.
    public func closing(model: String, options: GenerationOptions, isStreamed: Bool) -> ByteBuffer {
        ByteBuffer(string: model)
    }

    /// No headers.
    public func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    /// A parser that refuses all bytes.
    public func makeParser(isStreamed: Bool) -> any AnswerParser { Refusal() }

    private struct Refusal: AnswerParser {
        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            throw .malformedAnswer("a model of entries answers in entries, not in bytes")
        }

        mutating func finish() throws(ModelError) -> Answer {
            throw .malformedAnswer("a model of entries answers in entries, not in bytes")
        }
    }
}
