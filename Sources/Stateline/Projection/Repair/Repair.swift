/// The repair of a history: the entries that make it one that strict providers accept.
///
/// Each call has its outputs right behind it, one for each; arguments are JSON objects; prompts are answered. A history
/// that is sound is left as it is, and so is one that was repaired: a repair is idempotent. Nothing is put into the mouth
/// of the model or of a tool but the fact that an answer or an output is missing.
///
/// Two prompts in a row are not merged: the first one stays as it was said, and an answer says that there was none.
/// Providers that require roles to alternate accept that, and the ledger still shows each prompt in its own turn.
///
/// Source: OpenAI API reference, *Create chat completion*, messages of the roles `assistant` and `tool`; Anthropic API
/// reference, *Messages*, alternation of roles and `tool_result` blocks.
struct Repair: Sendable {
    /// An entry of the repaired history.
    enum Item: Hashable, Sendable {
        /// The entry of an index of the history before.
        case kept(Int)
        /// A new entry.
        case added(Entry)
    }

    /// The repaired history.
    private(set) var items: [Item] = []
    /// The repairs.
    private(set) var report = RepairReport()
    /// The calls without an output, in order.
    private(set) var openCalls: [ToolCall] = []

    private let entries: [Entry]
    private let match: OutputMatch
    /// `true` for each entry after which the model says more in the same answer: a response or tool calls.
    private let hasItem: [Bool]
    private var isAfterPrompt: Bool

    /// Repairs a history that a prompt is to follow.
    ///
    /// - Parameters:
    ///   - entries: The history, or the rest of one whose beginning is sound.
    ///   - isAfterPrompt: `true` if the rest follows a prompt.
    /// - Complexity: O(*n*) in the number and the size of the entries.
    init(_ entries: [Entry], isAfterPrompt: Bool = false) {
        self.entries = entries
        self.match = OutputMatch(entries)
        self.hasItem = Self.items(of: entries)
        self.isAfterPrompt = isAfterPrompt
        items.reserveCapacity(entries.count)
        for index in entries.indices { add(entries[index], at: index) }
        closePrompt()
    }

    /// `true` if the history is sound.
    var isClean: Bool { report.isEmpty }

    /// The new entries at the end, if nothing else is to be changed; else `nil`.
    var additions: [Entry]? {
        var additions: [Entry] = []
        for (index, item) in items.enumerated() {
            switch item {
            case .kept(let kept): guard kept == index, additions.isEmpty else { return nil }
            case .added(let entry): additions.append(entry)
            }
        }
        return items.count - additions.count == entries.count ? additions : nil
    }

    private mutating func add(_ entry: Entry, at index: Int) {
        switch entry.content {
        case .instructions, .compaction: keep(index)
        case .prompt:
            closePrompt()
            keep(index)
            isAfterPrompt = true
        case .reasoning:
            if hasItem[index] { keep(index) } else { report.add(.reasoningWithoutItem) }
        case .response:
            if entry.isEmptyAnswer { replaceEmpty(at: index) } else { keep(index) }
        case .toolCalls(let calls):
            if calls.isEmpty { replaceEmpty(at: index) } else { addStep(calls, of: entry, at: index) }
        case .toolOutput: if let rule = match.strays[index] { report.add(rule) }
        }
    }

    private mutating func keep(_ index: Int) {
        items.append(.kept(index))
        isAfterPrompt = false
    }

    private mutating func append(_ entry: Entry) {
        items.append(.added(entry))
        isAfterPrompt = false
    }

    /// Answers a prompt that another one follows.
    private mutating func closePrompt() {
        guard isAfterPrompt else { return }
        report.add(.consecutivePrompts)
        append(.noAnswer)
    }

    private mutating func replaceEmpty(at index: Int) {
        report.add(.emptyAnswer)
        if !hasItem[index] { append(.noAnswer) }
    }

    private static func items(of entries: [Entry]) -> [Bool] {
        var hasItem = Array(repeating: false, count: entries.count)
        var follows = false
        for index in entries.indices.reversed() {
            hasItem[index] = follows
            switch entries[index].content {
            case .reasoning: break
            case .response: if !entries[index].isEmptyAnswer { follows = true }
            case .toolCalls(let calls): if !calls.isEmpty { follows = true }
            case .instructions, .prompt, .toolOutput, .compaction: follows = false
            }
        }
        return hasItem
    }

    /// Adds the calls of an entry and their outputs.
    private mutating func addStep(_ calls: [ToolCall], of entry: Entry, at index: Int) {
        let step = RepairedStep(calls)
        report.add(.duplicatedCall, step.duplicateCount)
        report.add(.truncatedArguments, step.truncatedCount)
        if step.calls == calls {
            keep(index)
        } else {
            // The provider's bytes name members of each call by its place.
            let bytes = step.calls.count == calls.count ? entry.providerBytes : nil
            append(Entry(.toolCalls(step.calls), providerBytes: bytes, extensions: entry.extensions))
        }
        let runEnd = entries[(index + 1)...].firstIndex { !$0.isToolOutput } ?? entries.endIndex
        var answered: [(output: Int, call: ToolCall)] = []
        var open: [ToolCall] = []
        for (call, place) in zip(step.calls, step.places) {
            if let output = match.outputs[OutputMatch.Slot(entry: index, call: place)] {
                answered.append((output, call))
            } else {
                open.append(call)
            }
        }
        for (output, call) in answered.sorted(by: { $0.output < $1.output }) {
            if !(index..<runEnd).contains(output) { report.add(.misorderedOutput) }
            addOutput(output, of: call)
        }
        report.add(runEnd == entries.endIndex ? .danglingCall : .unansweredCall, open.count)
        openCalls += open
        for call in open { append(Entry(.toolOutput(.interrupted(call)))) }
    }

    private mutating func addOutput(_ index: Int, of call: ToolCall) {
        guard case .toolOutput(let output) = entries[index].content, output.callID != call.id else {
            return keep(index)
        }
        let renamed = ToolOutput(callID: call.id, name: output.name, parts: output.parts, isError: output.isError)
        append(Entry(.toolOutput(renamed), extensions: entries[index].extensions))
    }
}

/// The calls of one step, repaired.
private struct RepairedStep {
    /// The calls: their ids are different, and their arguments are JSON objects.
    private(set) var calls: [ToolCall] = []
    /// The places that the calls had.
    private(set) var places: [Int] = []
    private(set) var duplicateCount = 0
    private(set) var truncatedCount = 0

    init(_ original: [ToolCall]) {
        var seen: Set<ToolCall> = []
        var used: Set<ToolCall.ID> = []
        var taken: Set<ToolCall.ID>?
        var numbers: [ToolCall.ID: Int] = [:]
        for (place, call) in original.enumerated() {
            var id = call.id
            if !used.insert(id).inserted {
                duplicateCount += 1
                if seen.isEmpty { seen = Set(original[..<place]) }
                guard seen.insert(call).inserted else { continue }
                var ids = taken ?? Set(original.map(\.id))
                var number = numbers[id] ?? 2
                while !ids.insert("\(call.id)_\(number)").inserted { number += 1 }
                numbers[id] = number + 1
                taken = ids
                id = "\(call.id)_\(number)"
                used.insert(id)
            } else if !seen.isEmpty {
                seen.insert(call)
            }
            let isObject = JSONText.isObject(call.arguments)
            if !isObject { truncatedCount += 1 }
            let arguments = isObject ? call.arguments : Self.object(holding: call.arguments)
            calls.append(ToolCall(id: id, name: call.name, arguments: arguments))
            places.append(place)
        }
    }

    /// Returns an object that shows the model what it wrote; models often write nothing for no arguments.
    private static func object(holding text: String) -> String {
        text.allSatisfy(\.isWhitespace) ? "{}" : #"{"truncated_arguments":\#(JSONText.quoted(text))}"#
    }
}

extension JSONText {
    /// Returns `true` if a text is a JSON object.
    fileprivate static func isObject(_ text: String) -> Bool {
        guard text.utf8.first(where: { !" \n\r\t".utf8.contains($0) }) == UInt8(ascii: "{") else { return false }
        do throws(JSONError) {
            let bytes = Array(text.utf8)
            try validate(bytes.span)
            return true
        } catch {
            return false
        }
    }
}

extension Entry {
    /// The answer that says that there was none.
    fileprivate static let noAnswer = Entry.response("No answer was given.")

    var isToolOutput: Bool { if case .toolOutput = content { true } else { false } }

    var isPrompt: Bool { if case .prompt = content { true } else { false } }

    /// `true` for a response without content.
    ///
    /// An answer whose bytes are kept may hold parts that the typed view does not know.
    var isEmptyAnswer: Bool {
        guard case .response(let parts) = content, providerBytes == nil else { return false }
        return parts.allSatisfy { part in
            switch part {
            case .text(let text), .refusal(let text), .json(let text): text.allSatisfy(\.isWhitespace)
            case .image, .file: false
            }
        }
    }
}
