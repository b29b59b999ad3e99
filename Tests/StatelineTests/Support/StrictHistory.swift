import Foundation
import Stateline

/// The rules of strict providers, judged one message after the other, apart from the code that repairs histories.
enum StrictHistory {
    /// Returns the first fault of a history that a prompt is to follow; `nil` if providers accept it.
    static func fault(of entries: some Sequence<Entry>) -> String? {
        var open: Set<String> = []
        var isAfterPrompt = false
        var hasReasoning = false
        for entry in entries {
            if case .toolOutput(let output) = entry.content {
                if open.remove(output.callID) == nil { return "output \(output.callID) answers no call before it" }
                continue
            }
            if !open.isEmpty { return "calls \(open.sorted()) have no output" }
            if hasReasoning, !entry.isModels { return "reasoning without an item" }
            switch entry.content {
            case .prompt:
                if isAfterPrompt { return "two prompts in a row" }
            case .toolCalls(let calls):
                if calls.isEmpty { return "no calls" }
                for call in calls {
                    if !open.insert(call.id).inserted { return "id \(call.id) twice" }
                    let value = try? JSONSerialization.jsonObject(with: Data(call.arguments.utf8))
                    if value as? [String: Any] == nil { return "arguments \(call.arguments)" }
                }
            case .response(let parts):
                let texts = parts.map { part in if case .text(let text) = part { text } else { "content" } }
                if texts.joined().trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { return "an empty answer" }
            default: break
            }
            if case .prompt = entry.content { isAfterPrompt = true } else { isAfterPrompt = false }
            if case .reasoning = entry.content { hasReasoning = true } else { hasReasoning = false }
        }
        if !open.isEmpty { return "calls \(open.sorted()) have no output at the end" }
        if hasReasoning { return "reasoning at the end" }
        return isAfterPrompt ? "a prompt at the end" : nil
    }

    /// Draws a history of whole turns, which providers accept.
    static func random(turns: Int, using random: inout some RandomNumberGenerator) -> [Entry] {
        var entries: [Entry] = [.instructions("Be brief.")]
        for turn in 0..<turns {
            entries.append(.prompt("p\(turn)"))
            for step in 0..<Int.random(in: 0...2, using: &random) {
                if Bool.random(using: &random) { entries.append(Entry(.reasoning(Reasoning(text: "hm \(step)")))) }
                if Bool.random(using: &random) { entries.append(.response("looking")) }
                // Some servers count the calls of each answer from 0.
                let calls = (0..<Int.random(in: 1...3, using: &random))
                    .map {
                        ToolCall(id: "call_\($0)", name: "t", arguments: #"{"a":\#(turn)}"#)
                    }
                entries.append(Entry(.toolCalls(calls)))
                for call in calls.shuffled(using: &random) {
                    entries.append(Entry(.toolOutput(ToolOutput(callID: call.id, name: "t", text: "out"))))
                }
            }
            if Bool.random(using: &random) { entries.append(Entry(.reasoning(Reasoning(text: "so")))) }
            entries.append(.response("r\(turn)"))
        }
        return entries
    }

    /// Damages a history: entries are lost, doubled, moved, cut or emptied.
    static func damaged(_ entries: [Entry], using random: inout some RandomNumberGenerator) -> [Entry] {
        var entries = entries
        for _ in 0..<Int.random(in: 1...6, using: &random) where !entries.isEmpty {
            let index = entries.indices.randomElement(using: &random)!
            let other = entries.indices.randomElement(using: &random)!
            switch Int.random(in: 0..<6, using: &random) {
            case 0: entries.remove(at: index)
            case 1: entries.insert(entries[index], at: other)
            case 2: entries.swapAt(index, other)
            case 3: entries.removeSubrange(index...)
            case 4: entries.insert(.response(" "), at: index)
            default:
                guard case .toolCalls(let calls) = entries[index].content else { continue }
                let cut = calls.map {
                    ToolCall(id: "call_0", name: $0.name, arguments: String($0.arguments.dropLast()))
                }
                entries[index] = Entry(.toolCalls(cut))
            }
        }
        return entries
    }
}

extension Entry {
    fileprivate var isModels: Bool {
        switch content {
        case .reasoning, .response, .toolCalls: true
        default: false
        }
    }
}
