internal import NIOCore
internal import Stateline

/// The assembly of one answer, from one whole message or from the deltas of a stream.
///
/// Both ways go through the same code, so that the same answer gives the same entries. Text only ever grows at its end:
/// the work is linear in the bytes that arrive.
struct AnswerAssembly: Sendable {
    /// A part of the content that the typed view does not hold, and the text before it.
    private struct UnknownPart: Sendable {
        let offset: Int
        let bytes: ByteBuffer
    }

    private static let reasoningMembers: Set = ["reasoning_content", "reasoning", "thinking", "reasoning_details"]

    /// `true` if only the documented shapes are an answer.
    private let isStrict: Bool
    private var text = ""
    private var textJoiner = PieceJoiner()
    private var refusal = ""
    private var refusalJoiner = PieceJoiner()
    private var reasoning = ""
    private var reasoningJoiner = PieceJoiner()
    private var unknownParts: [UnknownPart] = []
    private var calls: ToolCallAssembly
    private var details = ReasoningDetails()
    /// `true` if no other member than `reasoning_details` has given reasoning.
    private var hasReasoningOfDetails = false
    private var extras = ExtraMembers()

    /// Begins an empty answer.
    ///
    /// - Parameter isStrict: `true` if only the documented shapes are an answer.
    init(isStrict: Bool) {
        self.isStrict = isStrict
        self.calls = ToolCallAssembly(isStrict: isStrict)
    }

    /// `true` if nothing was added that an answer can consist of.
    var isEmpty: Bool {
        text.isEmpty && refusal.isEmpty && reasoning.isEmpty && calls.isEmpty && unknownParts.isEmpty
    }

    /// `true` if text, a refusal or a call was added: more than the thought before them.
    var hasContent: Bool { !text.isEmpty || !refusal.isEmpty || !calls.isEmpty || !unknownParts.isEmpty }

    /// Takes the text of a choice that has neither a message nor a delta, as older formats have it.
    mutating func add(text value: JSONFragment) throws(ModelError) -> [AnswerPart] {
        var parts: [AnswerPart] = []
        try add(text: value, to: &parts)
        return parts
    }

    /// Takes a whole message or a delta.
    ///
    /// - Parameters:
    ///   - message: The message or delta.
    ///   - isWhole: `true` for a message, whose calls are distinguished by their places alone.
    /// - Returns: The parts that it added, in the order in which they are shown.
    /// - Throws: `ModelError.malformedAnswer(_:)`, or `ModelError.tooManyToolCalls(limit:)`.
    mutating func add(_ message: JSONFragment, isWhole: Bool) throws(ModelError) -> [AnswerPart] {
        guard let members = message.members else { throw .malformedAnswer("the message is not an object") }
        var parts: [AnswerPart] = []
        var thought = ""
        var details = ""
        // A message behind deltas of reasoning holds that reasoning once more.
        let repeatsReasoning = isWhole && (!reasoning.isEmpty || !self.details.isEmpty)
        for (name, value) in members where !value.isNull {
            switch name {
            case "role": break
            case let name where repeatsReasoning && Self.reasoningMembers.contains(name): break
            case "content": try add(content: value, thought: &thought, to: &parts)
            case "refusal": try add(refusal: value, to: &parts)
            case "reasoning_content", "reasoning", "thinking": try add(reasoning: value, of: name, to: &thought)
            case "reasoning_details": details += self.details.add(value)
            case "tool_calls": try calls.add(value, isWhole: isWhole, to: &parts)
            case "function_call" where !isStrict: try calls.add(value, isWhole: isWhole, to: &parts)
            default: extras.add(name, value)
            }
        }
        if thought.isEmpty, !details.isEmpty, reasoning.isEmpty || hasReasoningOfDetails {
            hasReasoningOfDetails = true
            thought = details
        }
        if !thought.isEmpty {
            reasoning += thought
            parts.insert(.reasoning(thought), at: 0)
        }
        return parts
    }

    // MARK: Content

    private mutating func add(
        content: JSONFragment,
        thought: inout String,
        to parts: inout [AnswerPart]
    ) throws(ModelError) {
        if let piece = content.piece { return add(text: textJoiner.append(piece), to: &parts) }
        if let elements = content.elements {
            for element in elements { try add(part: element, thought: &thought, to: &parts) }
        } else if isStrict {
            throw .malformedAnswer("content is not a string")
        } else if content["type"] != nil {
            try add(part: content, thought: &thought, to: &parts)
        } else {
            // Some servers give the JSON that a model was asked for in place of its text.
            add(text: String(buffer: content.bytes), to: &parts)
        }
    }

    private mutating func add(
        part: JSONFragment,
        thought: inout String,
        to parts: inout [AnswerPart]
    ) throws(ModelError) {
        let members = part.members ?? []
        let type = members.value(of: "type")?.word
        switch type {
        case "text": try add(text: members.value(of: "text"), to: &parts)
        case "refusal": try add(refusal: members.value(of: "refusal"), to: &parts)
        case let type where isStrict:
            throw .malformedAnswer("content of the unknown type \((type ?? "none").debugDescription)")
        case "thinking", "reasoning":
            for name in ["thinking", "reasoning", "summary", "text"] {
                guard let value = members.value(of: name) else { continue }
                thought += value.joinedText(&reasoningJoiner)
                break
            }
        case "output_text", nil:
            guard let text = part.piece == nil ? members.value(of: "text") : part else { return add(unknown: part) }
            try add(text: text, to: &parts)
        default: add(unknown: part)
        }
    }

    /// Keeps a part to be sent again; one that is no JSON is not.
    private mutating func add(unknown part: JSONFragment) {
        guard part.isStandard else { return }
        unknownParts.append(UnknownPart(offset: text.utf8.count, bytes: part.bytes))
    }

    private mutating func add(text: JSONFragment?, to parts: inout [AnswerPart]) throws(ModelError) {
        if let piece = text?.piece { return add(text: textJoiner.append(piece), to: &parts) }
        if isStrict { throw .malformedAnswer("text is not a string") }
    }

    private mutating func add(text piece: String, to parts: inout [AnswerPart]) {
        guard !piece.isEmpty else { return }
        text += piece
        parts.append(.text(piece))
    }

    private mutating func add(refusal: JSONFragment?, to parts: inout [AnswerPart]) throws(ModelError) {
        if isStrict, refusal?.string == nil { throw .malformedAnswer("refusal is not a string") }
        guard let piece = refusal?.piece.map({ refusalJoiner.append($0) }), !piece.isEmpty else { return }
        self.refusal += piece
        parts.append(.refusal(piece))
    }

    /// Takes the reasoning of one member; servers that fill several give the same text in each.
    private mutating func add(
        reasoning value: JSONFragment,
        of name: String,
        to thought: inout String
    ) throws(ModelError) {
        if let piece = value.piece {
            if thought.isEmpty { thought = reasoningJoiner.append(piece) }
        } else if isStrict {
            throw .malformedAnswer("\(name) is not a string")
        } else {
            let text = value.joinedText(&reasoningJoiner)
            if text.isEmpty { extras.add(name, value) } else if thought.isEmpty { thought = text }
        }
    }

    // MARK: The end

    /// Returns the entries of the text so far, without tool calls; `nil` if there is no text and no refusal.
    func textEntries() -> [Entry]? {
        let parts = contentParts
        return parts.isEmpty ? nil : reasoningEntries + [Entry(.response(parts))]
    }

    /// Returns the entries of all that was added: reasoning, response, tool calls.
    ///
    /// Members that the typed view does not hold stand beside the first entry of the message, as its provider's bytes.
    ///
    /// - Parameter end: The end of the answer: a call without whole arguments may be left out.
    /// - Returns: The entries; a response without text if nothing was added.
    /// - Throws: `ModelError.malformedAnswer(_:)` for calls that a strict reader refuses.
    func entries(_ end: ToolCallAssembly.End) throws(ModelError) -> [Entry] {
        let calls = try calls.finished(end)
        let parts = contentParts
        var contents: [Entry.Content] = []
        if !parts.isEmpty || calls.isEmpty { contents.append(.response(parts)) }
        if !calls.isEmpty { contents.append(.toolCalls(calls.map(\.call))) }
        var entries = contents.map { Entry($0) }
        if let bytes = extraBytes(calls: calls.map(\.extras)) {
            entries[0] = Entry(contents[0], providerBytes: ProviderBytes(dialect: ChatCompletions.name, bytes: bytes))
        }
        return reasoningEntries + entries
    }

    private var contentParts: [Part] {
        var parts: [Part] = text.isEmpty ? [] : [.text(text)]
        if !refusal.isEmpty { parts.append(.refusal(refusal)) }
        return parts
    }

    private var reasoningEntries: [Entry] {
        reasoning.isEmpty ? [] : [Entry(.reasoning(Reasoning(text: reasoning)))]
    }

    /// Writes the members that the typed view does not hold as one object; `nil` if there are none.
    private func extraBytes(calls: [AssistantMessage.CallExtras]) -> ByteBuffer? {
        let hasCalls = calls.contains { !$0.isEmpty }
        guard !extras.isEmpty || hasCalls || !unknownParts.isEmpty || !details.isEmpty else { return nil }
        var bytes = ByteBuffer(string: "{")
        var isFirst = true
        func begin(_ name: StaticString) {
            if !isFirst { bytes.writeStaticString(",") }
            isFirst = false
            bytes.writeStaticString(name)
        }
        if !unknownParts.isEmpty {
            begin(#""content":"#)
            writeContent(to: &bytes)
        }
        extras.write(to: &bytes, isFirst: &isFirst)
        if !details.isEmpty {
            begin(#""reasoning_details":"#)
            details.write(to: &bytes)
        }
        if hasCalls {
            begin(#""tool_calls":["#)
            for (index, call) in calls.enumerated() {
                if index > 0 { bytes.writeStaticString(",") }
                call.write(to: &bytes)
            }
            bytes.writeStaticString("]")
        }
        bytes.writeStaticString("}")
        return bytes
    }

    /// Writes the content as the list of parts that it came in: unknown parts, and the text between them.
    private func writeContent(to bytes: inout ByteBuffer) {
        bytes.writeStaticString("[")
        var isFirst = true
        var start = text.utf8.startIndex
        func write(upTo end: String.Index) {
            guard start < end else { return }
            bytes.writeStaticString(isFirst ? #"{"type":"text","text":"# : #",{"type":"text","text":"#)
            bytes.writeJSONString(String(text[start..<end]))
            bytes.writeStaticString("}")
            isFirst = false
            start = end
        }
        for part in unknownParts {
            write(upTo: text.utf8.index(text.utf8.startIndex, offsetBy: part.offset))
            if !isFirst { bytes.writeStaticString(",") }
            isFirst = false
            bytes.writeImmutableBuffer(part.bytes)
        }
        write(upTo: text.utf8.endIndex)
        bytes.writeStaticString("]")
    }
}

extension JSONFragment {
    /// Returns the text of a string, of an object's `text`, `content` or `summary`, or of a list of these, joined.
    fileprivate func joinedText(_ joiner: inout PieceJoiner) -> String {
        if let piece { return joiner.append(piece) }
        if let elements { return elements.reduce(into: "") { $0 += $1.joinedText(&joiner) } }
        guard let members else { return "" }
        let text = members.value(of: "text") ?? members.value(of: "content") ?? members.value(of: "summary")
        return text?.piece.map { joiner.append($0) } ?? ""
    }
}
