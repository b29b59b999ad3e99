internal import NIOCore
internal import Stateline

/// One tool call of a message or of a delta, as a server wrote it.
struct ToolCallReading {
    /// The call's index; `nil` if there is none.
    private(set) var index: Int?
    /// The call's id; empty if there is none, or if it costs too much to compare.
    private(set) var id = ""
    /// The tool's name, likewise.
    private(set) var name = ""
    /// The arguments: the next characters of their JSON text.
    private(set) var arguments = JSONStringPiece("")
    /// The call's type, if it is another one than `function`.
    private(set) var type: JSONFragment?
    /// Members of the call that the typed view does not hold.
    private(set) var extras: [(name: String, value: JSONFragment)] = []
    /// The same of its function.
    private(set) var functionExtras: [(name: String, value: JSONFragment)] = []

    /// Reads a call.
    ///
    /// Some servers give the name and the arguments without a function around them, as the older `function_call` does, or
    /// an object in place of the arguments' text, or call
    /// them parameters.
    ///
    /// - Throws: `ModelError.malformedAnswer(_:)`.
    init(_ call: JSONFragment, isStrict: Bool) throws(ModelError) {
        guard let members = call.members else { throw .malformedAnswer("a tool call is not an object") }
        for (name, value) in members where !value.isNull {
            switch name {
            case "index": index = value.integer
            case "id": id = value.word ?? value.integer.map(String.init) ?? ""
            case "type": try take(type: value, isStrict: isStrict)
            case "function", "custom": try take(function: value, isStrict: isStrict)
            case "name", "arguments", "input": take(name, value)
            case "parameters" where !isStrict: take(name, value)
            default: extras.append((name, value))
            }
        }
    }

    private mutating func take(type value: JSONFragment, isStrict: Bool) throws(ModelError) {
        guard let word = value.word, !word.isEmpty, word != "function", isStrict || word != "custom" else { return }
        if isStrict { throw .malformedAnswer("a tool call of the unknown type \(word.debugDescription)") }
        type = value
    }

    private mutating func take(function: JSONFragment, isStrict: Bool) throws(ModelError) {
        guard let members = function.members else { throw .malformedAnswer("a call's function is not an object") }
        for (name, value) in members where !value.isNull {
            switch name {
            case "name", "arguments", "input": take(name, value)
            case "parameters" where !isStrict: take(name, value)
            default: functionExtras.append((name, value))
            }
        }
    }

    private mutating func take(_ member: String, _ value: JSONFragment) {
        if member == "name" {
            name = value.word ?? ""
        } else if arguments.isEmpty {
            arguments = value.piece ?? JSONStringPiece(String(buffer: value.bytes))
        }
    }
}
