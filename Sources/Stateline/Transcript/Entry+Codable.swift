extension Entry: Codable {
    private enum Key: String, CodingKey {
        case type, parts, reasoning, calls, output, providerBytes, extensions
    }

    private enum Kind: String, Codable {
        case instructions, prompt, reasoning, toolCalls, toolOutput, response, compaction
    }

    /// Reads an entry: its `type`, and the member that holds its content.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        func parts() throws -> [Part] { try members.decode([Part].self, forKey: .parts) }
        let content: Content =
            switch try members.decode(Kind.self, forKey: .type) {
            case .instructions: .instructions(try parts())
            case .prompt: .prompt(try parts())
            case .reasoning: .reasoning(try members.decode(Reasoning.self, forKey: .reasoning))
            case .toolCalls: .toolCalls(try members.decode([ToolCall].self, forKey: .calls))
            case .toolOutput: .toolOutput(try members.decode(ToolOutput.self, forKey: .output))
            case .response: .response(try parts())
            case .compaction: .compaction(try parts())
            }
        self.init(
            content,
            providerBytes: try members.decodeIfPresent(ProviderBytes.self, forKey: .providerBytes),
            extensions: try members.decodeExtensions(forKey: .extensions)
        )
    }

    /// Writes the entry: its `type`, and the member that holds its content.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        func write(_ kind: Kind, _ content: some Encodable, _ key: Key) throws {
            try members.encode(kind, forKey: .type)
            try members.encode(content, forKey: key)
        }
        switch content {
        case .instructions(let parts): try write(.instructions, parts, .parts)
        case .prompt(let parts): try write(.prompt, parts, .parts)
        case .reasoning(let reasoning): try write(.reasoning, reasoning, .reasoning)
        case .toolCalls(let calls): try write(.toolCalls, calls, .calls)
        case .toolOutput(let output): try write(.toolOutput, output, .output)
        case .response(let parts): try write(.response, parts, .parts)
        case .compaction(let parts): try write(.compaction, parts, .parts)
        }
        try members.encodeIfPresent(providerBytes, forKey: .providerBytes)
        if !extensions.isEmpty { try members.encode(extensions, forKey: .extensions) }
    }
}
