/// The members of a Chat Completions request, beside its messages, that the upstream reads.
struct ChatParameters: Decodable {
    var model: String
    var isStreamed: Bool
    var includesUsage: Bool
    var maximumTokens: Int?
    var toolNames: Set<String>

    private struct StreamOptions: Decodable {
        var include_usage: Bool?
    }

    private struct DeclaredTool: Decodable {
        struct Function: Decodable {
            var name: String
        }

        var function: Function
    }

    private enum CodingKeys: String, CodingKey {
        case model
        case stream
        case streamOptions = "stream_options"
        case maximumTokens = "max_tokens"
        case maximumCompletionTokens = "max_completion_tokens"
        case tools
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.model = try container.decode(String.self, forKey: .model)
        self.isStreamed = try container.decodeIfPresent(Bool.self, forKey: .stream) ?? false
        let options = try container.decodeIfPresent(StreamOptions.self, forKey: .streamOptions)
        self.includesUsage = options?.include_usage ?? false
        self.maximumTokens =
            try container.decodeIfPresent(Int.self, forKey: .maximumCompletionTokens)
            ?? container.decodeIfPresent(Int.self, forKey: .maximumTokens)
        let tools = try container.decodeIfPresent([DeclaredTool].self, forKey: .tools) ?? []
        self.toolNames = Set(tools.map(\.function.name))
    }
}
