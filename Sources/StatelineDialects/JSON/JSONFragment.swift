internal import NIOCore
internal import Stateline

/// A value within checked JSON text, as the bytes it came in.
///
/// Foundation's decoders do not give back the bytes of a value. A fragment does, so that a provider's members can be kept
/// to the letter. The text is scanned once. Its fragments share it, and find their content without a further scan.
///
/// Servers write numbers that are no JSON, and cut strings within a surrogate pair. Such a value is a fragment as any
/// other, so that it costs nothing but itself; see ``isStandard``.
struct JSONFragment: Sendable {
    /// A text, and the places of its values.
    private final class Document: Sendable {
        let text: ByteBuffer
        let extents: [JSONExtent]

        init(text: ByteBuffer, extents: [JSONExtent]) {
            self.text = text
            self.extents = extents
        }
    }

    private let document: Document
    /// The place of the value in the list of extents.
    private let place: Int

    /// Checks a text.
    ///
    /// - Parameters:
    ///   - text: The text, with white space around the value or without.
    ///   - unread: The names of members, at any depth, whose values are not read. Within these, two members of an object
    ///     may have the same name.
    /// - Throws: `JSONError`, as `JSONText.extents(of:unread:maximumDepth:)` does.
    /// - Complexity: O(*n*) in the bytes.
    init(validating text: ByteBuffer, unread: [String] = []) throws(JSONError) {
        countSteps(text.readableBytes)
        let extents = try JSONText.extents(of: text.readableBytesUInt8Span, unread: unread)
        self.init(Document(text: text, extents: extents), 0)
    }

    private init(_ document: Document, _ place: Int) {
        self.document = document
        self.place = place
    }

    private var extent: JSONExtent { document.extents[place] }

    /// The value's text, without white space around it.
    var bytes: ByteBuffer {
        let (text, extent) = (document.text, extent)
        let start = text.readerIndex + Int(extent.start)
        guard let slice = text.getSlice(at: start, length: Int(extent.end - extent.start)) else {
            preconditionFailure("a value beyond its text")
        }
        return slice
    }

    /// `true` if this is `null`.
    var isNull: Bool { extent.kind == .null }

    /// `true` if the value and all within it are JSON that every reader understands.
    ///
    /// It is not if it holds a number such as `NaN`, or a string that escapes half of a surrogate pair.
    ///
    /// - Complexity: O(*n*) in the number of values within.
    var isStandard: Bool {
        let extents = document.extents
        return (place..<Int(extents[place].next)).allSatisfy { extents[$0].isStandard }
    }

    // MARK: Strings and numbers

    /// The text of a string; `nil` of anything else.
    ///
    /// U+FFFD stands for a half of a surrogate pair; see ``piece``.
    var string: String? {
        extent.kind == .string ? text(of: extent) : nil
    }

    /// The text of a string, and the halves of surrogate pairs at its ends; `nil` of anything else.
    ///
    /// The pieces of a text that comes in deltas are joined by ``PieceJoiner``.
    var piece: JSONStringPiece? {
        let extent = extent
        guard extent.kind == .string else { return nil }
        guard extent.traits.contains(.hasLoneHalf) else { return JSONStringPiece(text(of: extent)) }
        let text = document.text
        return JSONText.piece(text.readableBytesUInt8Span.extracting(content(of: extent)))
    }

    /// The text of a string that is compared with other texts, such as a name or an id.
    ///
    /// It is `nil` of anything else, of a text with half of a surrogate pair, and of one that costs more than its length
    /// to compare; see `JSONText.isCheaplyCompared(_:)`.
    var word: String? {
        guard !extent.traits.contains(.hasLoneHalf) else { return nil }
        return string.flatMap { JSONText.isCheaplyCompared($0) ? $0 : nil }
    }

    /// The word of a string, or a number's text.
    var wordOrNumber: String? { extent.kind == .number ? String(buffer: bytes) : word }

    /// The value of a number that is whole and not too large; `nil` of anything else.
    var integer: Int? {
        guard extent.kind == .number else { return nil }
        let text = String(buffer: bytes)
        return Int(text) ?? Double(text).flatMap(Int.init(exactly:))
    }

    private func content(of string: JSONExtent) -> Range<Int> {
        Int(string.start) + 1..<Int(string.end) - 1
    }

    private func text(of string: JSONExtent) -> String {
        let text = document.text
        let content = text.readableBytesUInt8Span.extracting(content(of: string))
        return string.traits.contains(.escaped) ? JSONText.unescaped(content) : JSONText.string(content)
    }

    // MARK: Containers

    /// `true` if this is an array without elements.
    var isEmptyArray: Bool { extent.kind == .array && Int(extent.next) == place + 1 }

    /// The elements of an array; `nil` of anything else.
    ///
    /// - Complexity: O(*n*) in the number of elements.
    var elements: [JSONFragment]? {
        let (extents, end) = (document.extents, Int(extent.next))
        guard extent.kind == .array else { return nil }
        var elements: [JSONFragment] = []
        var index = place + 1
        while index < end {
            countSteps(1)
            elements.append(JSONFragment(document, index))
            index = Int(extents[index].next)
        }
        return elements
    }

    /// The members of an object, in order; `nil` of anything else.
    ///
    /// - Complexity: O(*n*) in the number of members and in the bytes of their names.
    var members: [(name: String, value: JSONFragment)]? {
        let (extents, end) = (document.extents, Int(extent.next))
        guard extent.kind == .object else { return nil }
        var members: [(name: String, value: JSONFragment)] = []
        members.reserveCapacity(memberCount)
        var index = place + 1
        while index < end {
            let name = extents[index]
            countSteps(Int(name.end - name.start))
            members.append((text(of: name), JSONFragment(document, index + 1)))
            index = Int(extents[index + 1].next)
        }
        return members
    }

    private var memberCount: Int {
        let (extents, end) = (document.extents, Int(extent.next))
        var count = 0
        var index = place + 1
        while index < end {
            count += 1
            index = Int(extents[index + 1].next)
        }
        return count
    }

    /// The value of a member that is there and not `null`.
    ///
    /// - Complexity: O(*n*) in the number of members and in the bytes of their names. Take ``members`` once to look at
    ///   many of them.
    subscript(name: String) -> JSONFragment? {
        let (extents, end) = (document.extents, Int(extent.next))
        guard extent.kind == .object else { return nil }
        var index = place + 1
        while index < end {
            countSteps(1)
            if isName(extents[index], name) {
                let value = JSONFragment(document, index + 1)
                return value.isNull ? nil : value
            }
            index = Int(extents[index + 1].next)
        }
        return nil
    }

    private func isName(_ extent: JSONExtent, _ name: String) -> Bool {
        guard !extent.traits.contains(.escaped) else { return text(of: extent) == name }
        let text = document.text
        let content = text.readableBytesUInt8Span.extracting(content(of: extent))
        let name = name.utf8.span
        guard content.count == name.count else { return false }
        for index in name.indices where content[index] != name[index] { return false }
        return true
    }
}

extension JSONFragment: Hashable {
    static func == (a: JSONFragment, b: JSONFragment) -> Bool { a.bytes == b.bytes }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension [(name: String, value: JSONFragment)] {
    /// Returns the value of a member; `nil` if it is missing or `null`.
    func value(of name: String) -> JSONFragment? {
        first { $0.name == name && !$0.value.isNull }?.value
    }
}
