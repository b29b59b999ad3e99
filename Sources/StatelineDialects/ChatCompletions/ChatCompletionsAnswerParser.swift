internal import NIOCore
internal import Stateline

/// A parser of an answer that comes as one JSON object.
struct ChatCompletionsAnswerParser: AnswerParser {
    /// The texts that no error may hold.
    let redacting: Secrets
    private var body = ByteBuffer()

    init(redacting secrets: Secrets) {
        self.redacting = secrets
    }

    /// Keeps the bytes.
    ///
    /// Nothing of the answer is known before its end.
    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        body.writeImmutableBuffer(bytes)
        return []
    }

    mutating func finish() throws(ModelError) -> Answer {
        let root: JSONFragment
        do {
            root = try JSONFragment(validating: body)
        } catch {
            throw ModelError(error, receivedBytes: body.readableBytes)
        }
        let chunk = try ChatCompletionsChunk(root, member: "message", redacting: redacting)
        guard chunk.choiceCount == 1 else { throw .choiceCount(chunk.choiceCount) }
        guard let message = chunk.message else { throw .malformedAnswer("the choice has no message") }
        guard let finishReason = chunk.finishReason else { throw .malformedAnswer("the choice has no finish_reason") }
        var assembly = AnswerAssembly()
        _ = try assembly.add(message, isWhole: true)
        return try Answer(assembly, finishReason: finishReason, usage: chunk.usage)
    }
}
