/// One item of a session's history.
///
/// An entry is a typed view of what was said. The bytes of the provider that said it stand beside it if the typed view
/// alone could not give them back (``providerBytes``).
public struct Entry: Hashable, Sendable {
    /// The content of an item.
    @nonexhaustive
    public enum Content: Hashable, Sendable {
        /// The task of the model, which comes before all other entries.
        case instructions([Part])
        /// The words of the user, or of the program in the user's place.
        case prompt([Part])
        /// The model's thought before it answered.
        case reasoning(Reasoning)
        /// The calls of tools that the model asked for, in its order.
        case toolCalls([ToolCall])
        /// The output of one call.
        case toolOutput(ToolOutput)
        /// The model's answer.
        case response([Part])
        /// A summary in place of the entries before it.
        case compaction([Part])
    }

    /// The typed view.
    public let content: Content
    /// The provider's own bytes, kept if the typed view does not hold all of what the provider said.
    public let providerBytes: ProviderBytes?

    /// The fields that a newer writer added.
    public var extensions: [FormatExtension] { storedExtensions ?? [] }
    // Nearly always none: a copy of an entry then retains nothing for them.
    private let storedExtensions: [FormatExtension]?

    /// Makes an entry.
    ///
    /// - Precondition: The tags of the extensions ascend.
    public init(_ content: Content, providerBytes: ProviderBytes? = nil, extensions: [FormatExtension] = []) {
        precondition(extensions.isEmpty || extensions.haveAscendingTags, "the tags of extensions must ascend")
        self.content = content
        self.providerBytes = providerBytes
        self.storedExtensions = extensions.isEmpty ? nil : extensions
    }

    /// Makes instructions of plain text.
    public static func instructions(_ text: String) -> Entry { Entry(.instructions([.text(text)])) }

    /// Makes a prompt of plain text.
    public static func prompt(_ text: String) -> Entry { Entry(.prompt([.text(text)])) }

    /// Makes a response of plain text.
    public static func response(_ text: String) -> Entry { Entry(.response([.text(text)])) }

    /// The text of the entry's parts, joined; empty if it has none.
    public var text: String {
        switch content {
        case .instructions(let parts), .prompt(let parts), .response(let parts), .compaction(let parts): parts.text
        case .reasoning(let reasoning): reasoning.text
        case .toolOutput(let output): output.parts.text
        case .toolCalls: ""
        }
    }
}
