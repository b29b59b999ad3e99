public import NIOCore

/// The output of a tool: parts, and a flag that says if the tool failed.
public struct ToolResult: Hashable, Sendable {
    /// The parts: text, pictures, files, JSON.
    public var parts: [Part]
    /// `true` if the tool failed.
    ///
    /// The model learns of it if its dialect can express it.
    public var isError: Bool

    /// Makes a result of parts.
    public init(_ parts: [Part], isError: Bool = false) {
        self.parts = parts
        self.isError = isError
    }

    /// Makes a result of text.
    public init(_ text: String, isError: Bool = false) {
        self.init([.text(text)], isError: isError)
    }

    /// Makes a result of JSON.
    public init(_ json: JSON, isError: Bool = false) {
        self.init([.json(json.text)], isError: isError)
    }

    /// Makes a result that says why the tool failed.
    ///
    /// The model reads it and the turn continues, whatever ``SessionConfiguration/toolFailures`` says of errors.
    public static func failure(_ text: String) -> ToolResult { ToolResult(text, isError: true) }

    /// Makes a result of a picture.
    public static func image(_ bytes: ByteBuffer, mediaType: String) -> ToolResult {
        ToolResult([.image(Media(.data(bytes), mediaType: mediaType))])
    }
}

extension ToolResult: ExpressibleByStringInterpolation {
    /// Makes a result of a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

/// A type that a tool may return.
public protocol ToolResultConvertible: Sendable {
    /// The value as the output of a tool.
    var toolResult: ToolResult { get }
}

extension ToolResult: ToolResultConvertible {
    /// The result itself.
    public var toolResult: ToolResult { self }
}

extension String: ToolResultConvertible {
    /// The text.
    public var toolResult: ToolResult { ToolResult(self) }
}

extension JSON: ToolResultConvertible {
    /// The JSON.
    public var toolResult: ToolResult { ToolResult(self) }
}

extension [Part]: ToolResultConvertible {
    /// The parts.
    public var toolResult: ToolResult { ToolResult(self) }
}
