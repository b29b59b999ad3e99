public import NIOCore

/// The dialect of models that take entries as they are, in their stored form.
///
/// Such models answer in entries too, so the parser refuses all bytes.
public struct EntryDialect: Dialect {
    /// Makes the dialect.
    public init() {}

    /// The stable name.
    public var name: String { "stateline.entries" }
    /// A constant: there is one rendering.
    public var variant: String? { "" }
    /// Returns an empty path.
    public func path(model: String, isStreamed: Bool) -> String { "" }
    /// Returns no bytes.
    public func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    /// Appends each entry's length and stored form.
    public func render(
        _ entries: ArraySlice<Entry>,
        after previous: Transcript.SubSequence,
        into buffer: inout ByteBuffer
    ) {
        for entry in entries { BatchFormat.write(entry, to: &buffer) }
    }

    /// Returns nothing: such models get the tools as they are.
    public func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    /// Returns the model's name.
    public func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer(string: call.model) }

    /// Returns no headers.
    public func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    /// Makes a parser that refuses all bytes.
    public func makeParser(isStreamed: Bool) -> any AnswerParser { Refusal() }

    private struct Refusal: AnswerParser {
        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            throw .malformedAnswer("the model answers in entries, so that bytes cannot be parsed")
        }

        mutating func finish() throws(ModelError) -> Answer {
            throw .malformedAnswer("the model answers in entries, so that bytes cannot be parsed")
        }
    }
}
