internal import NIOCore
internal import Stateline

/// The assembly of one answer, from one whole message or from the deltas of a stream.
///
/// Both ways go through the same code, so that the same answer gives the same entries. Text only ever grows at its end,
/// and calls and members are found by hash: the work is linear in the bytes that arrive.
struct AnswerAssembly: Sendable {
    private struct Call: Sendable {
        var id: String
        /// `true` until a part of the answer has told of the call.
        var isNew = true
        var name = ""
        var arguments = ""
        var extras = ExtraMembers()
        var functionExtras = ExtraMembers()
    }

    private static let messageMembers: Set<String> = [
        "role", "content", "refusal", "tool_calls", "reasoning", "reasoning_content",
    ]
    private static let callMembers: Set<String> = ["index", "id", "type", "function"]
    private static let functionMembers: Set<String> = ["name", "arguments"]

    private var text = ""
    private var refusal = ""
    private var reasoning = ""
    private var calls: [Call] = []
    /// The place in `calls` of the call of a stream's index.
    private var callPlaces: [Int: Int] = [:]
    /// The place in `calls` of the first call of an id, in a stream.
    private var idPlaces: [NameKey: Int] = [:]
    private var extras = ExtraMembers()

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
        var thought: JSONFragment?
        for (name, value) in members where !value.isNull {
            switch name {
            case "content": try add(content: value, to: &parts)
            case "refusal": try add(refusal: value, to: &parts)
            case "reasoning_content": thought = value
            case "reasoning": thought = thought ?? value
            case "tool_calls": try add(calls: value, isWhole: isWhole, to: &parts)
            default: break
            }
        }
        if let thought {
            let piece = try Self.string(thought, of: "reasoning")
            reasoning += piece
            if !piece.isEmpty { parts.insert(.reasoning(piece), at: 0) }
        }
        extras.add(members, except: Self.messageMembers)
        return parts
    }

    private mutating func add(content: JSONFragment, to parts: inout [AnswerPart]) throws(ModelError) {
        guard let elements = content.elements else {
            return add(text: try Self.string(content, of: "content"), to: &parts)
        }
        for element in elements {
            let members = element.members ?? []
            switch members.value(of: "type")?.word {
            case "text": add(text: try Self.string(members.value(of: "text"), of: "text"), to: &parts)
            case "refusal": try add(refusal: members.value(of: "refusal"), to: &parts)
            case let type: throw .malformedAnswer("content of the unknown type \((type ?? "none").debugDescription)")
            }
        }
    }

    private mutating func add(text piece: String, to parts: inout [AnswerPart]) {
        guard !piece.isEmpty else { return }
        text += piece
        parts.append(.text(piece))
    }

    private mutating func add(refusal: JSONFragment?, to parts: inout [AnswerPart]) throws(ModelError) {
        let piece = try Self.string(refusal, of: "refusal")
        guard !piece.isEmpty else { return }
        self.refusal += piece
        parts.append(.refusal(piece))
    }

    private static func string(_ value: JSONFragment?, of name: String) throws(ModelError) -> String {
        guard let text = value?.string else { throw .malformedAnswer("\(name) is not a string") }
        return text
    }

    // MARK: Tool calls

    private mutating func add(
        calls fragment: JSONFragment,
        isWhole: Bool,
        to parts: inout [AnswerPart]
    ) throws(ModelError) {
        guard let elements = fragment.elements else { throw .malformedAnswer("tool_calls is not an array") }
        for element in elements {
            guard let members = element.members else { throw .malformedAnswer("a tool call is not an object") }
            if let type = members.value(of: "type")?.word, type != "function" {
                throw .malformedAnswer("a tool call of the unknown type \(type.debugDescription)")
            }
            let id = members.value(of: "id")?.word ?? ""
            let place =
                isWhole ? try appendCall(id) : try place(ofIndex: members.value(of: "index")?.integer, id: id)
            calls[place].extras.add(members, except: Self.callMembers)
            let (hadID, hadName) = (!calls[place].isNew, !calls[place].name.isEmpty)
            var arguments = ""
            if let function = members.value(of: "function") { arguments = try add(function: function, to: place) }
            let call = calls[place]
            calls[place].isNew = false
            let delta = ToolCallDelta(
                index: place,
                id: hadID || call.id.isEmpty ? nil : call.id,
                name: hadName || call.name.isEmpty ? nil : call.name,
                arguments: arguments
            )
            if delta != ToolCallDelta(index: place) { parts.append(.toolCallDelta(delta)) }
        }
    }

    private mutating func appendCall(_ id: String) throws(ModelError) -> Int {
        let limit = Answer.maximumToolCallCount
        guard calls.count < limit else { throw .tooManyToolCalls(limit: limit) }
        calls.append(Call(id: id))
        return calls.count - 1
    }

    /// Returns the place of a delta's call.
    ///
    /// Some servers leave out the index, or give the same one to all calls: a new id is a new call.
    private mutating func place(ofIndex index: Int?, id: String) throws(ModelError) -> Int {
        let index = index ?? (id.isEmpty ? max(calls.count - 1, 0) : calls.count)
        if let place = callPlaces[index], id.isEmpty || calls[place].id == id { return place }
        if !id.isEmpty, let place = idPlaces[NameKey(id)] { return place }
        let place = try appendCall(id)
        if !id.isEmpty { idPlaces[NameKey(id)] = place }
        callPlaces[index] = place
        return place
    }

    /// Adds the name and arguments of a call.
    ///
    /// - Returns: The arguments that it added.
    private mutating func add(function: JSONFragment, to place: Int) throws(ModelError) -> String {
        guard let members = function.members else { throw .malformedAnswer("a call's function is not an object") }
        if calls[place].name.isEmpty { calls[place].name = members.value(of: "name")?.word ?? "" }
        // Some local servers give the object itself instead of its text.
        let arguments = members.value(of: "arguments").map { $0.string ?? String(buffer: $0.bytes) } ?? ""
        calls[place].arguments += arguments
        calls[place].functionExtras.add(members, except: Self.functionMembers)
        return arguments
    }

    /// Returns the calls in the order in which they began, each with an id of its own.
    private func toolCalls() throws(ModelError) -> [ToolCall] {
        var ids: Set<String> = []
        var result: [ToolCall] = []
        for (place, call) in calls.enumerated() {
            guard !call.name.isEmpty else { throw .malformedAnswer("a tool call has no name") }
            // Some local servers give no ids, but an output has to name its call.
            let id = call.id.isEmpty ? "call_\(place)" : call.id
            guard ids.insert(id).inserted else { throw .malformedAnswer("two tool calls have the same id") }
            result.append(ToolCall(id: id, name: call.name, arguments: call.arguments))
        }
        return result
    }

    // MARK: The end

    /// Returns the entries of the text so far, without tool calls; `nil` if there is no text and no refusal.
    func textEntries() -> [Entry]? {
        var parts: [Part] = text.isEmpty ? [] : [.text(text)]
        if !refusal.isEmpty { parts.append(.refusal(refusal)) }
        guard !parts.isEmpty else { return nil }
        let response = Entry(.response(parts))
        return reasoning.isEmpty ? [response] : [Entry(.reasoning(Reasoning(text: reasoning))), response]
    }

    /// Returns the entries of all that was added: reasoning, response, tool calls.
    ///
    /// The provider's bytes stand beside the first entry of its message, if the typed view does not hold all of it.
    func entries() throws(ModelError) -> [Entry] {
        let toolCalls = try toolCalls()
        var parts: [Part] = text.isEmpty ? [] : [.text(text)]
        if !refusal.isEmpty { parts.append(.refusal(refusal)) }
        var message = AssistantMessage(parts: parts, calls: toolCalls)
        message.extras = extras
        message.callExtras = calls.map { .init(call: $0.extras, function: $0.functionExtras) }

        var contents: [Entry.Content] = []
        if !parts.isEmpty || toolCalls.isEmpty { contents.append(.response(parts)) }
        if !toolCalls.isEmpty { contents.append(.toolCalls(toolCalls)) }
        var entries = contents.map { Entry($0) }
        if !message.isPlain {
            var bytes = ByteBuffer()
            message.write(to: &bytes)
            entries[0] = Entry(contents[0], providerBytes: ProviderBytes(dialect: ChatCompletions.name, bytes: bytes))
        }
        return reasoning.isEmpty ? entries : [Entry(.reasoning(Reasoning(text: reasoning)))] + entries
    }
}
