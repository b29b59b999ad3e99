public import NIOCore

/// One item of a session's history.
///
/// An entry is a typed view of what was said, and beside it the bytes of the provider that said it, wherever the typed
/// view alone could not give them back (``providerBytes``).
public struct Entry: Hashable, Sendable {
    /// What the item is.
    @nonexhaustive
    public enum Content: Hashable, Sendable {
        /// What the model is told about its task, before anything else.
        case instructions([Part])
        /// What the user, or the program in the user's place, said.
        case prompt([Part])
        /// What the model thought before it answered.
        case reasoning(Reasoning)
        /// The calls of tools that the model asked for, in its order.
        case toolCalls([ToolCall])
        /// What one call gave.
        case toolOutput(ToolOutput)
        /// What the model answered.
        case response([Part])
        /// A summary that stands for what came before it.
        case compaction([Part])
    }

    /// The typed view.
    public let content: Content
    /// The provider's own bytes, kept where the typed view does not hold all of what the provider said.
    public let providerBytes: ProviderBytes?

    /// Fields that a newer writer added.
    public var extensions: [FormatExtension] { storedExtensions ?? [] }
    // Nearly always none: a copy of an entry then retains nothing for them.
    private let storedExtensions: [FormatExtension]?

    /// Makes an entry.
    public init(_ content: Content, providerBytes: ProviderBytes? = nil, extensions: [FormatExtension] = []) {
        self.content = content
        self.providerBytes = providerBytes
        self.storedExtensions = extensions.isEmpty ? nil : extensions
    }

    /// Instructions of plain text.
    public static func instructions(_ text: String) -> Entry { Entry(.instructions([.text(text)])) }

    /// A prompt of plain text.
    public static func prompt(_ text: String) -> Entry { Entry(.prompt([.text(text)])) }

    /// A response of plain text.
    public static func response(_ text: String) -> Entry { Entry(.response([.text(text)])) }

    /// The text of the entry's parts, joined; empty where it has none.
    public var text: String {
        switch content {
        case .instructions(let parts), .prompt(let parts), .response(let parts), .compaction(let parts): parts.text
        case .reasoning(let reasoning): reasoning.text
        case .toolOutput(let output): output.parts.text
        case .toolCalls: ""
        }
    }
}

/// The bytes in which a provider said something, and the dialect that they are in.
///
/// A request to the same dialect carries them as they came; another dialect uses the typed view.
public struct ProviderBytes: Hashable, Sendable {
    /// The ``Dialect/name`` of the dialect.
    public let dialect: String
    /// The bytes, as they came.
    public let bytes: ByteBuffer

    /// Makes provider bytes.
    public init(dialect: String, bytes: ByteBuffer) {
        self.dialect = dialect
        self.bytes = bytes
    }
}
