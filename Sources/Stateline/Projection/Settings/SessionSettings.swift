internal import NIOCore

/// The settings of a session that its log holds, apart from its instructions, which are entries.
public struct SessionSettings: Hashable, Sendable {
    /// The options that a turn leaves open; they come before those of the handle's configuration.
    public internal(set) var options = GenerationOptions()
    /// The tools that the session was last declared to have; `nil` if it never was.
    public internal(set) var tools: DeclaredTools?

    /// Makes the settings of a session that never had any.
    init() {}

    /// Returns the settings with a stored change.
    ///
    /// - Throws: ``FormatError`` if the change is not one, or is a newer writer's.
    func applying(_ change: Batch.Settings) throws(FormatError) -> SessionSettings {
        var settings = self
        if let options = change.options { settings.options = try GenerationOptions(stored: options) }
        if let tools = change.tools { settings.tools = tools }
        return settings
    }
}

/// Settings in storage of their own: a session without any is copied at the cost of one empty reference.
final class SettingsBox: Sendable {
    let value: SessionSettings

    init(_ value: SessionSettings) {
        self.value = value
    }
}

extension DeclaredTools {
    /// Makes the declaration of some tools.
    ///
    /// - Complexity: O(*n*) in the size of the tools.
    init(_ tools: [ToolDefinition]) {
        var buffer = ByteBuffer()
        for tool in tools {
            for text in [tool.name, tool.description, tool.parameters.json] { buffer.writeText(text) }
        }
        var digest = ByteBuffer()
        Digest.sha256(buffer).write(to: &digest)
        self.init(names: tools.map(\.name), fingerprint: digest.readInteger() ?? 0)
    }
}
