internal import NIOCore
internal import Stateline

/// The upstream's answer, independent of the wire format: a function of the request alone.
struct UpstreamAnswer {
    /// A tool call, with the id that its output will name.
    struct Call {
        var id: String
        var name: String
        var arguments: String
    }

    /// The words of the reasoning, each with its trailing space.
    var reasoning: [String] = []
    /// The words of the refusal.
    var refusal: [String] = []
    /// The words of the answer.
    var content: [String] = []
    /// The tools to call.
    var calls: [Call] = []
    /// The reason why the answer ends.
    var finishReason = "stop"
    /// The pause after each word of a streamed answer.
    var pace: Duration = .zero

    /// Makes an answer with a fixed number of words.
    init(constantOf wordCount: Int) {
        self.content = Self.words(of: Self.prose(seed: 0, wordCount: wordCount))
    }

    /// Answers the end of a conversation.
    ///
    /// - Parameters:
    ///   - messages: The newest message of a user and the messages after it.
    ///   - parameters: The other members of the request.
    ///   - wordCount: The number of words, unless the user's message controls the answer.
    /// - Throws: The failure that the user's message asks for.
    init(to messages: [ChatMessage], _ parameters: ChatParameters, wordCount: Int) throws(UpstreamFailure) {
        let prompt = messages.first?.text ?? ""
        let script = UpstreamScript(prompt)
        if let failure = script.failure { throw failure }
        let seed = Self.hash(prompt)
        let outputs = messages.filter { $0.role == .tool }
        let step = messages.count { $0.role == .assistant && $0.calls?.isEmpty == false }
        self.pace = script.pace
        self.reasoning = script.reasoning.map { Self.words(of: $0) } ?? []
        if step < script.steps.count {
            self.calls = script.steps[step]
                .filter { parameters.toolNames.contains($0.name) }
                .enumerated()
                .map { Call(id: "call_\(seed)_\(step)_\($0)", name: $1.name, arguments: $1.arguments) }
        }
        if !calls.isEmpty {
            self.finishReason = "tool_calls"
        } else if let text = script.refusal {
            self.refusal = Self.words(of: text)
        } else if let text = script.answer {
            self.content = Self.words(of: text)
        } else if !outputs.isEmpty {
            let quotes = outputs.map { "\"\($0.text)\"" }.joined(separator: " and ")
            self.content = Self.words(of: "The tools say \(quotes).")
        } else {
            self.content = Self.words(of: Self.prose(seed: seed, wordCount: wordCount))
        }
        if script.isCut { self.finishReason = "length" }
        cut(to: parameters.maximumTokens)
    }

    /// Tokens of the reasoning: one for each word.
    var reasoningTokens: Int { reasoning.count }

    /// Tokens of the answer: one for each word, and those of the tool calls.
    var tokens: Int {
        reasoning.count + refusal.count + content.count
            + calls.reduce(0) { $0 + TokenCount.of($1.name) + TokenCount.of($1.arguments) }
    }

    private mutating func cut(to limit: Int?) {
        guard let limit, content.count > limit else { return }
        content.removeSubrange(max(0, limit)...)
        finishReason = "length"
    }
}

extension UpstreamAnswer {
    /// Returns the first 8 bytes of a text's SHA-256 as a number.
    private static func hash(_ text: String) -> UInt64 {
        var bytes = ByteBuffer()
        Digest.sha256(ByteBuffer(string: text)).write(to: &bytes)
        return bytes.readInteger() ?? 0
    }

    /// Draws a sentence of words from a seed.
    private static func prose(seed: UInt64, wordCount: Int) -> String {
        var state = seed
        var text = ""
        for index in 0..<wordCount {
            // A step of Knuth's MMIX generator; its high bits are the good ones.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let word = vocabulary[Int(state >> 58)]
            text += index == 0 ? word.capitalizedFirst : " " + word
        }
        return wordCount == 0 ? "" : text + "."
    }

    /// Splits a text into words with their trailing spaces; joined, they are the text again.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var start = text.startIndex
        var isInSpace = false
        for index in text.indices {
            let isSpace = text[index].isWhitespace
            if isInSpace, !isSpace {
                words.append(String(text[start..<index]))
                start = index
            }
            isInSpace = isSpace
        }
        if start < text.endIndex { words.append(String(text[start...])) }
        return words
    }

    /// 64 words.
    private static let vocabulary = """
        a an the this that each one two state line session turn answer question model call request history entry \
        store log batch commit fork head view prompt tool token byte word order clock time cache prefix of in on to \
        from with after before between is has keeps sends again new old small large only never always and or so \
        then when where what
        """
        .split(separator: " ").map(String.init)
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
