internal import NIOCore
internal import Stateline

/// The assembly of an answer's tool calls, from one whole message or from the deltas of a stream.
///
/// Servers tell the deltas of several calls apart by an index, by an id, by both, or by the order alone. A delta belongs
/// to:
///
/// 1. the call of its index, unless both have ids and these differ;
/// 2. the call of its id, unless it has an index that is new and a name;
/// 3. the newest call, if it has no id, and no index or nothing but arguments;
/// 4. else a new call.
///
/// A delta with a name whose call has whole arguments is a new call too: servers without indexes and ids send whole calls.
///
/// Calls and members are found by hash: the work is linear in the bytes that arrive.
struct ToolCallAssembly: Sendable {
    private struct Call: Sendable {
        var id: String
        /// `true` until a part of the answer has told of the call.
        var isNew = true
        var name = ""
        var arguments = ""
        var joiner = PieceJoiner()
        /// The end of the arguments, if they are an object.
        var end = JSONEnd()
        var extras = AssistantMessage.CallExtras()
    }

    /// `true` if only the documented shapes are calls.
    private let isStrict: Bool
    private var calls: [Call] = []
    /// The place in `calls` of the call of a stream's index.
    private var indexPlaces: [Int: Int] = [:]
    /// The place in `calls` of the newest call of an id, in a stream.
    private var idPlaces: [NameKey: Int] = [:]

    /// The end of an answer, as far as it is known.
    enum End: Sendable {
        /// The model ended it.
        case whole
        /// A reason that is missing or not known may stand for a limit: calls whose arguments have begun need their end.
        case unknown
        /// It broke off: all calls need whole arguments.
        case cut

        fileprivate func keeps(_ arguments: JSONEnd) -> Bool {
            switch self {
            case .whole: true
            case .unknown: arguments.isFound || !arguments.hasBegun
            case .cut: arguments.isFound
            }
        }
    }

    /// Begins without calls.
    init(isStrict: Bool) {
        self.isStrict = isStrict
    }

    /// `true` if no call has begun.
    var isEmpty: Bool { calls.isEmpty }

    /// Takes the calls of a message or of a delta.
    ///
    /// - Parameters:
    ///   - fragment: The member `tool_calls`, or the older `function_call`.
    ///   - isWhole: `true` for a message, whose calls are distinguished by their places alone.
    ///   - parts: The parts of the answer, to append those of the calls to.
    /// - Throws: `ModelError.malformedAnswer(_:)`, or `ModelError.tooManyToolCalls(limit:)`.
    mutating func add(_ fragment: JSONFragment, isWhole: Bool, to parts: inout [AnswerPart]) throws(ModelError) {
        if isStrict, fragment.elements == nil { throw .malformedAnswer("tool_calls is not an array") }
        for element in fragment.elements ?? [fragment] {
            let reading = try ToolCallReading(element, isStrict: isStrict)
            let place = isWhole ? try appendCall(reading.id) : try place(of: reading)
            let delta = take(reading, at: place)
            if delta != ToolCallDelta(index: place) { parts.append(.toolCallDelta(delta)) }
        }
    }

    private mutating func appendCall(_ id: String) throws(ModelError) -> Int {
        let limit = Answer.maximumToolCallCount
        guard calls.count < limit else { throw .tooManyToolCalls(limit: limit) }
        calls.append(Call(id: id))
        return calls.count - 1
    }

    // MARK: Telling calls apart

    /// Returns the place of a delta's call, which is appended if it is new.
    private mutating func place(of reading: ToolCallReading) throws(ModelError) -> Int {
        let place: Int
        if let begun = begunPlace(of: reading), !isAnotherCall(reading, than: calls[begun]) {
            place = begun
            if calls[place].id.isEmpty, !reading.id.isEmpty {
                calls[place].id = reading.id
                idPlaces[NameKey(reading.id)] = place
            }
        } else {
            place = try appendCall(reading.id)
            if !reading.id.isEmpty { idPlaces[NameKey(reading.id)] = place }
        }
        if let index = reading.index { indexPlaces[index] = place }
        return place
    }

    /// Returns the place of the call that a delta seems to continue; `nil` if it begins one.
    private func begunPlace(of reading: ToolCallReading) -> Int? {
        let newest = calls.isEmpty ? nil : calls.count - 1
        if let index = reading.index, let place = indexPlaces[index] {
            let id = calls[place].id
            if reading.id.isEmpty || id == reading.id { return place }
            guard id.isEmpty else { return idPlaces[NameKey(reading.id)] }
            // An id that comes late.
            return reading.name.isEmpty || calls[place].name.isEmpty ? place : nil
        }
        if reading.id.isEmpty {
            guard reading.index != nil else { return newest }
            return reading.name.isEmpty && !reading.arguments.isEmpty ? newest : nil
        }
        if let place = idPlaces[NameKey(reading.id)] {
            return reading.index != nil && !reading.name.isEmpty ? nil : place
        }
        guard reading.index == nil, reading.name.isEmpty, let newest, calls[newest].id.isEmpty else { return nil }
        return newest
    }

    /// Returns `true` if a delta that seems to continue a call begins another one.
    private func isAnotherCall(_ reading: ToolCallReading, than call: Call) -> Bool {
        guard call.end.isFound, !reading.name.isEmpty else { return false }
        return reading.name != call.name || !isRepetition(reading, of: call)
    }

    /// Returns `true` if a delta repeats a whole call, as some servers do at the end of the stream.
    private func isRepetition(_ reading: ToolCallReading, of call: Call) -> Bool {
        reading.arguments.isEmpty
            || !reading.id.isEmpty && reading.arguments.text.utf8.elementsEqual(call.arguments.utf8)
    }

    /// Returns `true` if a delta without a name repeats the arguments of a whole call.
    private func isWholeAgain(_ reading: ToolCallReading, of call: Call) -> Bool {
        reading.arguments.text.utf8.elementsEqual(call.arguments.utf8)
    }

    /// Adds a delta to its call.
    ///
    /// - Returns: All that it added.
    private mutating func take(_ reading: ToolCallReading, at place: Int) -> ToolCallDelta {
        let (hadID, hadName) = (!calls[place].isNew, !calls[place].name.isEmpty)
        if !hadName { calls[place].name = reading.name }
        let repeats = calls[place].end.isFound && (!reading.name.isEmpty || isWholeAgain(reading, of: calls[place]))
        // Some gateways begin a call with an empty object in the place of its arguments.
        if calls[place].arguments == "{}", !repeats, !reading.arguments.text.allSatisfy(\.isWhitespace) {
            (calls[place].arguments, calls[place].end) = ("", JSONEnd())
        }
        let arguments = repeats ? "" : calls[place].joiner.append(reading.arguments)
        calls[place].arguments += arguments
        calls[place].end.advance(over: arguments)
        calls[place].extras.add(reading)
        calls[place].isNew = false
        let call = calls[place]
        return ToolCallDelta(
            index: place,
            id: hadID || call.id.isEmpty ? nil : call.id,
            name: hadName || call.name.isEmpty ? nil : call.name,
            arguments: arguments
        )
    }

    // MARK: The end

    /// Returns the calls in the order in which they began, each with an id of its own.
    ///
    /// Arguments that are empty or absent are `{}`. A call without a name and arguments is none; one with arguments alone
    /// is given to the model as a call of an unknown tool.
    ///
    /// - Parameter end: The end of the answer: a call without whole arguments may be left out.
    /// - Returns: The calls, and the members of each that the typed view does not hold.
    /// - Throws: `ModelError.malformedAnswer(_:)` for calls without names or with equal ids, if only the documented shapes
    ///   are calls.
    func finished(_ end: End) throws(ModelError) -> [(call: ToolCall, extras: AssistantMessage.CallExtras)] {
        var ids: Set<String> = []
        var result: [(call: ToolCall, extras: AssistantMessage.CallExtras)] = []
        for (place, call) in calls.enumerated() where end.keeps(call.end) {
            let isBlank = call.arguments.allSatisfy(\.isWhitespace)
            if call.name.isEmpty {
                if isStrict { throw .malformedAnswer("a tool call has no name") }
                if isBlank { continue }
            }
            // Some local servers give no ids, but an output has to name its call.
            var id = call.id.isEmpty ? "call_\(place)" : call.id
            if !ids.insert(id).inserted {
                if isStrict { throw .malformedAnswer("two tool calls have the same id") }
                repeat { id += "_\(place)" } while !ids.insert(id).inserted
            }
            let name = call.name.isEmpty ? Self.unknownName : call.name
            let arguments = isBlank && !isStrict ? "{}" : call.arguments
            result.append((ToolCall(id: id, name: name, arguments: arguments), call.extras))
        }
        return result
    }

    /// The name of a call that came without one.
    private static let unknownName = "unknown_tool"
}
