internal import NIOCore
internal import Stateline

/// A check that an answer is one, by its first bytes.
///
/// Servers send JSON and events under any media type or none, and proxies send pages under that of JSON. So the bytes
/// decide, and the declared type only if they do not: the parser reads JSON and events alike.
struct FirstBytes: Sendable {
    /// The declared media type without its parameters, in lower case; `nil` if there is none.
    private let type: String?
    /// `true` once a byte has decided.
    private var isDecided = false

    /// Makes a check.
    ///
    /// - Parameter type: The declared media type, in the form in which an error may show it.
    init(declared type: String?) {
        self.type = type
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `ModelError.unexpectedContentType(_:)` if they begin another kind of text.
    /// - Complexity: O(1) once a byte has decided; O(*n*) in the white space before it.
    mutating func check(_ bytes: ByteBuffer) throws(ModelError) {
        guard !isDecided else { return }
        guard let start = bytes.readableBytesView.firstIndex(where: { !Self.isSkipped($0) }) else { return }
        isDecided = true
        let text = bytes.readableBytesView[start...]
        switch text.first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return
        case UInt8(ascii: "<"): throw .unexpectedContentType(isAnswerType ? "text/html" : type ?? "text/html")
        default: if !Self.beginsEvent(text) { try checkType() }
        }
    }

    /// Ends the answer.
    ///
    /// - Throws: `ModelError.unexpectedContentType(_:)` if it had no byte that decides, and another type.
    func checkEnd() throws(ModelError) {
        guard !isDecided else { return }
        try checkType()
    }

    private func checkType() throws(ModelError) {
        guard let type, !isAnswerType else { return }
        throw .unexpectedContentType(type)
    }

    /// `true` if the declared type is that of an answer, or if there is none.
    private var isAnswerType: Bool {
        guard let type else { return true }
        return type == "application/json" || type.hasSuffix("+json") || type == "text/event-stream"
    }

    /// Returns `true` for white space and the bytes of a byte order mark, which may come before an answer.
    private static func isSkipped(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), 0xef, 0xbb, 0xbf: true
        default: false
        }
    }

    /// Returns `true` if a text begins as an event does, or may do so with its next bytes.
    private static func beginsEvent(_ text: ByteBufferView) -> Bool {
        [":", "data:", "event:", "id:", "retry:", "error:"]
            .contains { field in
                text.prefix(field.utf8.count).elementsEqual(field.utf8.prefix(text.count))
            }
    }
}
