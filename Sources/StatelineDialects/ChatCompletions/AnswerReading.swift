internal import NIOCore
internal import Stateline

/// The reading of one answer from its objects: a whole answer, or the chunks of a stream.
///
/// A fault is kept in ``failure`` beside what was read before it, so that the caller can show all that is kept.
struct AnswerReading: Sendable {
    private let isStrict: Bool
    private let redacting: Secrets
    private var assembly: AnswerAssembly
    /// The index of the choice; `nil` before its first chunk.
    private var choiceIndex: Int?
    private var finishReason: String?
    private var usage: Usage?
    /// The provider's words in an object that is no part of an answer.
    private var words: ModelError?
    /// `true` if a chunk of the choice had no finish reason, not even an empty one.
    private var hasOpenChunk = false
    /// The number of chunks since a message without a finish reason came in the place of a delta, itself included.
    private var messageCount = 0
    /// `true` if the newest chunk of the choice had an empty finish reason.
    private var endsInEmptyReason = false
    /// `true` once the end mark or a whole answer has come.
    private(set) var isComplete = false
    /// The fault that ends the answer; `nil` if there is none.
    private(set) var failure: ModelError?

    /// Begins an answer.
    init(profile: ServerProfile, redacting secrets: Secrets) {
        self.isStrict = profile.reading == .strict
        self.redacting = secrets
        self.assembly = AnswerAssembly(isStrict: isStrict)
    }

    /// `true` once the choice has a finish reason.
    ///
    /// Some servers give an empty reason in each chunk, which ends nothing. A message without a reason may be the whole
    /// answer, or the first of many. A strict reader waits for the end mark.
    var hasEnded: Bool { isComplete || !isStrict && (finishReason != nil || messageCount == 1) }

    /// `true` once a chunk of the choice has come.
    var hasChoice: Bool { choiceIndex != nil }

    /// Returns `true` if a text is a whole answer, or a whole account of a failure; to a strict reader no text is before
    /// the end of its body.
    func isWhole(_ payload: ByteBuffer) -> Bool {
        guard !isStrict else { return false }
        var reading = self
        _ = reading.read(payload, isStreamed: false)
        return reading.failure.map { $0.providerMessage != nil } ?? reading.hasChoice
    }

    /// Takes the end mark.
    mutating func complete() {
        isComplete = true
    }

    /// Takes an event that the server marks as an error.
    mutating func read(errorEvent data: ByteBuffer) {
        fail(ProviderFailure(body: data, redacting: redacting).error)
    }

    /// Takes one object: a chunk, or a whole answer.
    ///
    /// - Parameters:
    ///   - payload: The object's text.
    ///   - isStreamed: `true` if it is a chunk unless it holds a message.
    /// - Returns: The parts that it added.
    mutating func read(_ payload: ByteBuffer, isStreamed: Bool) -> [AnswerPart] {
        do throws(ModelError) {
            return try take(try root(of: payload, isStreamed: isStreamed), isStreamed: isStreamed)
        } catch {
            fail(error)
            return []
        }
    }

    /// Keeps the first fault; what follows a finish reason is none.
    private mutating func fail(_ error: ModelError) {
        guard finishReason == nil || isStrict else { return }
        failure = failure ?? error
    }

    private func root(of payload: ByteBuffer, isStreamed: Bool) throws(ModelError) -> JSONFragment {
        let root: JSONFragment
        do {
            root = try JSONFragment(validating: payload, unread: isStrict ? [] : ChatCompletionsChunk.unread)
        } catch {
            throw isStreamed
                ? ModelError(ofWholeText: error) : ModelError(error, receivedBytes: payload.readableBytes)
        }
        if isStrict, !root.isStandard { throw .malformedAnswer("a number or a string in it is not JSON") }
        return root
    }

    private mutating func take(_ root: JSONFragment, isStreamed: Bool) throws(ModelError) -> [AnswerPart] {
        // A heartbeat.
        if isStreamed, !isStrict, root.isNull || root.isEmptyArray { return [] }
        let chunk = try ChatCompletionsChunk(root, choice: choiceIndex, redacting: redacting)
        if isStrict { try check(chunk, isStreamed: isStreamed) }
        usage = chunk.usage.flatMap(Usage.init) ?? usage
        words = words ?? chunk.words
        // An error is the reason of its chunk, whatever the choice says.
        if let failure = chunk.failure { fail(failure) }
        guard let index = chunk.choiceIndex else { return [] }
        choiceIndex = index
        // A fault in the chunk of the reason is one of the answer.
        let parts = try add(chunk, isStreamed: isStreamed)
        if chunk.failure == nil { take(finishReason: chunk.finishReason) }
        return parts
    }

    private mutating func add(_ chunk: ChatCompletionsChunk, isStreamed: Bool) throws(ModelError) -> [AnswerPart] {
        if let text = chunk.text {
            if isStrict { throw .malformedAnswer("the choice has a text and no message") }
            return try assembly.add(text: text)
        }
        if isStreamed, let delta = chunk.delta {
            let parts = try assembly.add(delta, isWhole: false)
            if messageCount > 0, !parts.isEmpty { messageCount += 1 }
            // A message beside the last delta is the answer if no delta held any of it.
            guard chunk.message != nil, chunk.finishReason != nil, !assembly.hasContent else { return parts }
        }
        guard let message = chunk.message ?? chunk.delta else { return [] }
        if messageCount > 0, assembly.hasContent {
            messageCount += 1
            return try assembly.add(message, isWhole: false)
        }
        // A server may send the whole message once more behind its deltas.
        guard !assembly.hasContent else { return [] }
        if isStreamed, !isStrict, chunk.delta == nil, chunk.finishReason == nil {
            messageCount = 1
        } else {
            isComplete = chunk.delta == nil || !isStreamed
        }
        return try assembly.add(message, isWhole: true)
    }

    private mutating func take(finishReason word: String?) {
        // Some servers write the absence of a reason as a word.
        let word = word == "null" && !isStrict ? nil : word
        endsInEmptyReason = word?.isEmpty == true
        if let word, !word.isEmpty { finishReason = word } else if word == nil { hasOpenChunk = true }
    }

    /// Refuses what is not documented.
    private func check(_ chunk: ChatCompletionsChunk, isStreamed: Bool) throws(ModelError) {
        guard let count = chunk.choiceCount ?? (isStreamed && chunk.usage != nil || chunk.failure != nil ? 0 : nil)
        else { throw .malformedAnswer("no choices") }
        guard count <= 1 else { throw .choiceCount(count) }
        guard count == 0 || chunk.choiceIndex == 0 else { throw .choiceCount(2) }
        guard !isStreamed, chunk.failure == nil else { return }
        guard count == 1 else { throw .choiceCount(count) }
        guard chunk.message != nil else { throw .malformedAnswer("the choice has no message") }
        guard chunk.finishReason != nil else { throw .malformedAnswer("the choice has no finish_reason") }
    }

    // MARK: The end

    /// Ends the answer.
    ///
    /// - Parameter receivedBytes: The number of bytes that came, for an answer that was cut off.
    /// - Returns: The answer.
    /// - Throws: `ModelError` if what came is not a whole answer.
    func finish(receivedBytes: Int) throws(ModelError) -> Answer {
        if let failure { throw failure }
        if isStrict, !isComplete { throw .truncatedAnswer(receivedBytes: receivedBytes) }
        guard choiceIndex != nil else {
            throw words ?? (isComplete ? .choiceCount(0) : .truncatedAnswer(receivedBytes: receivedBytes))
        }
        guard let word = finishReason ?? impliedReason else { throw .truncatedAnswer(receivedBytes: receivedBytes) }
        return try answer(finishReason: word)
    }

    /// The reason of an answer that ended without one.
    private var impliedReason: String? {
        if endsInEmptyReason, isComplete || hasOpenChunk { return "" }
        if messageCount == 1 { return "stop" }
        return isComplete && !isStrict && !assembly.isEmpty ? "stop" : nil
    }

    private func answer(finishReason word: String) throws(ModelError) -> Answer {
        let reason: FinishReason? =
            switch word {
            case "stop": .stop
            case "length": .length
            case "tool_calls": .toolCalls
            case "content_filter": .contentFilter
            default: nil
            }
        let end: ToolCallAssembly.End =
            switch reason {
            case .length?, .contentFilter?: .cut
            case .stop? where finishReason == nil: .unknown
            case nil: .unknown
            default: .whole
            }
        let answer = Answer(
            entries: try assembly.entries(end),
            finishReason: reason ?? .other(word),
            usage: usage
        )
        if isStrict, reason == nil { throw .unknownFinishReason(word, answer) }
        return answer
    }

    /// Returns the text so far; `nil` if there is none.
    func partial() -> Answer? {
        assembly.textEntries().map { Answer(entries: $0, finishReason: .incomplete, usage: usage) }
    }
}
