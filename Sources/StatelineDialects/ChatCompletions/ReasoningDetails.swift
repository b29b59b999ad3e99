internal import NIOCore
internal import Stateline

/// The `reasoning_details` of an answer: a list whose items a stream brings in pieces.
///
/// A piece continues the newest item if both have the same type and index, and it brings more of the text or a signature
/// that the item lacks. So a signed item is sent back whole, as its provider demands.
///
/// Source: OpenRouter documentation, *Reasoning tokens*.
struct ReasoningDetails: Sendable {
    private struct Item: Sendable {
        let type: String?
        let index: Int?
        /// The texts that grow: `text`, `summary` and `data`.
        var texts: [(name: String, value: String)] = []
        var members = ExtraMembers()
        var isSigned = false
    }

    private static let growing: Set<String> = ["text", "summary", "data"]

    private var items: [Item] = []

    /// `true` if there are no items.
    var isEmpty: Bool { items.isEmpty }

    /// Takes the items of a message or of a delta.
    ///
    /// - Returns: Their texts, joined: the reasoning of an answer that has no other member for it.
    mutating func add(_ fragment: JSONFragment) -> String {
        var text = ""
        for element in fragment.elements ?? [] { add(item: element.members ?? [], text: &text) }
        return text
    }

    private mutating func add(item members: [(name: String, value: JSONFragment)], text: inout String) {
        let type = members.value(of: "type")?.word
        let index = members.value(of: "index")?.integer
        let continues = items.last.map { $0.type == type && $0.index == index && !$0.isSigned } ?? false
        if !continues { items.append(Item(type: type, index: index)) }
        let place = items.count - 1
        for (name, value) in members where !value.isNull {
            guard Self.growing.contains(name), let piece = value.string else {
                items[place].members.add(name, value)
                if name == "signature" { items[place].isSigned = true }
                continue
            }
            if let known = items[place].texts.firstIndex(where: { $0.name == name }) {
                items[place].texts[known].value += piece
            } else {
                items[place].texts.append((name, piece))
            }
            if name != "data" { text += piece }
        }
    }

    /// Writes the items as a JSON array.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("[")
        for (index, item) in items.enumerated() {
            buffer.writeStaticString(index > 0 ? ",{" : "{")
            var isFirst = true
            item.members.write(to: &buffer, isFirst: &isFirst)
            for (name, value) in item.texts {
                if !isFirst { buffer.writeStaticString(",") }
                isFirst = false
                buffer.writeJSONString(name)
                buffer.writeStaticString(":")
                buffer.writeJSONString(value)
            }
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]")
    }
}
