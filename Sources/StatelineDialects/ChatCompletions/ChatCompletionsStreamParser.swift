internal import NIOCore
internal import Stateline

/// A parser of an answer that comes as server-sent events, up to `[DONE]`.
///
/// An answer is whole when the choice has a finish reason and `[DONE]` has come; a stream that ends earlier was cut off.
/// Some servers answer a request for a stream with one JSON object, which is read as such.
struct ChatCompletionsStreamParser: AnswerParser {
    private enum State {
        /// No byte has come; goes to `events` or `plain`.
        case start
        /// Events come; goes to `done`.
        case events
        /// One object comes.
        case plain(ChatCompletionsAnswerParser)
        /// `[DONE]` has come; later bytes are ignored.
        case done
    }

    private let redacting: Secrets
    private var state = State.start
    private var events = ServerSentEvents()
    private var assembly = AnswerAssembly()
    private var hasChoice = false
    private var finishReason: String?
    private var usage: Usage?
    private var receivedBytes = 0

    init(redacting secrets: Secrets) {
        self.redacting = secrets
    }

    /// `true` once `[DONE]` has come.
    var isComplete: Bool { if case .done = state { true } else { false } }

    /// `true` once the choice has its finish reason.
    var hasEnded: Bool { isComplete || finishReason != nil }

    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        receivedBytes += bytes.readableBytes
        switch state {
        case .start:
            guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return [] }
            state = first == UInt8(ascii: "{") ? .plain(ChatCompletionsAnswerParser(redacting: redacting)) : .events
            receivedBytes -= bytes.readableBytes
            return try append(bytes)
        case .plain(var parser):
            // The parser's storage has one owner while it grows.
            state = .start
            defer { state = .plain(parser) }
            return try parser.append(bytes)
        case .events:
            return try read(events.append(bytes))
        case .done:
            return []
        }
    }

    private mutating func read(_ events: [ServerSentEvent]) throws(ModelError) -> [AnswerPart] {
        var parts: [AnswerPart] = []
        for event in events {
            if event.isEnd {
                state = .done
                break
            }
            if event.isError { throw ProviderFailure(body: event.data, redacting: redacting).error }
            parts += try read(event.data)
        }
        return parts
    }

    private mutating func read(_ payload: ByteBuffer) throws(ModelError) -> [AnswerPart] {
        let root: JSONFragment
        do {
            root = try JSONFragment(validating: payload)
        } catch {
            throw ModelError(ofWholeText: error)
        }
        let chunk = try ChatCompletionsChunk(root, member: "delta", redacting: redacting)
        usage = chunk.usage ?? usage
        guard chunk.choiceCount == 1 else { return [] }
        hasChoice = true
        finishReason = chunk.finishReason ?? finishReason
        return try chunk.message.map { (delta) throws(ModelError) in try assembly.add(delta, isWhole: false) } ?? []
    }

    mutating func finish() throws(ModelError) -> Answer {
        switch state {
        case .plain(var parser):
            return try parser.finish()
        case .start, .events:
            if let last = events.finish(), last.isEnd || last.isError { _ = try read([last]) }
            guard isComplete else { throw .truncatedAnswer(receivedBytes: receivedBytes) }
            return try finish()
        case .done:
            guard hasChoice else { throw .choiceCount(0) }
            guard let finishReason else { throw .truncatedAnswer(receivedBytes: receivedBytes) }
            return try Answer(assembly, finishReason: finishReason, usage: usage)
        }
    }

    func partial() -> Answer? {
        assembly.textEntries().map { Answer(entries: $0, finishReason: .incomplete, usage: usage) }
    }
}
