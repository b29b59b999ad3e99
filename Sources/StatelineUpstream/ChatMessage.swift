/// The members of a Chat Completions message that the upstream reads.
struct ChatMessage: Decodable, Hashable {
    enum Role: String, Decodable {
        case system, developer, user, assistant, tool
    }

    /// A tool call of an assistant's message.
    struct Call: Decodable, Hashable {
        struct Function: Decodable, Hashable {
            var name: String
            var arguments: String
        }

        var id: String
        var function: Function
    }

    /// The content of a message: text, or parts of which some are text.
    struct Content: Decodable, Hashable {
        var text = ""
        var otherParts = 0

        private struct Part: Decodable {
            var text: String?
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
                return
            }
            for part in try container.decode([Part].self) {
                if let text = part.text { self.text += text } else { otherParts += 1 }
            }
        }
    }

    var role: Role
    var content: Content?
    var calls: [Call]?
    var callID: String?

    private enum CodingKeys: String, CodingKey {
        case role
        case content
        case calls = "tool_calls"
        case callID = "tool_call_id"
    }

    /// The text of the message.
    var text: String { content?.text ?? "" }

    /// The tokens of the message in a prompt: 4, one for each 4 bytes begun of text and of tool calls, and 85 for a
    /// part that is not text.
    var tokens: Int {
        let callTokens = (calls ?? [])
            .reduce(0) { sum, call in
                sum + TokenCount.of(call.function.name) + TokenCount.of(call.function.arguments)
            }
        return 4 + TokenCount.of(text) + 85 * (content?.otherParts ?? 0) + callTokens
    }
}

/// The upstream's own count of tokens, simple enough for tests to predict.
enum TokenCount {
    /// Counts one token for each 4 bytes begun.
    static func of(_ text: String) -> Int { of(byteCount: text.utf8.count) }

    /// Counts one token for each 4 bytes begun.
    static func of(byteCount: Int) -> Int { (byteCount + 3) / 4 }
}
