public import NIOCore
public import Stateline

/// The dialect of OpenAI's Chat Completions, which most providers and local servers speak.
///
/// A body is `{"messages":[`, the rendered transcript, `],"tools":[` with the tools if there are any, then `],"model":…}`
/// with all parameters: what changes from call to call stands last, so that the bytes of the history never move. Every
/// message but the first begins with its comma.
///
/// Source: OpenAI API reference, *Chat Completions*.
public struct ChatCompletions: Dialect {
    /// The role in which instructions are given.
    public enum InstructionsRole: String, Hashable, Sendable {
        /// What every server knows.
        case system
        /// What OpenAI's newer models are told to expect.
        case developer
    }

    /// The member by which the length of an answer is limited.
    public enum TokenLimitMember: String, Hashable, Sendable {
        /// What every server knows.
        case maxTokens = "max_tokens"
        /// What OpenAI's reasoning models demand.
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// The role in which instructions are given.
    public let instructionsRole: InstructionsRole
    /// The member by which the length of an answer is limited.
    public let tokenLimitMember: TokenLimitMember
    /// The texts that no error may hold.
    package let redacting: Secrets

    /// Makes the dialect; the defaults are what most servers understand.
    public init(instructionsRole: InstructionsRole = .system, tokenLimitMember: TokenLimitMember = .maxTokens) {
        self.init(instructionsRole: instructionsRole, tokenLimitMember: tokenLimitMember, redacting: .none)
    }

    private init(instructionsRole: InstructionsRole, tokenLimitMember: TokenLimitMember, redacting secrets: Secrets) {
        self.instructionsRole = instructionsRole
        self.tokenLimitMember = tokenLimitMember
        self.redacting = secrets
    }

    /// The same dialect, with texts that no error may hold.
    package func redacting(_ secrets: Secrets) -> ChatCompletions {
        ChatCompletions(instructionsRole: instructionsRole, tokenLimitMember: tokenLimitMember, redacting: secrets)
    }

    static let name = "openai.chat_completions"

    /// The stable name, `openai.chat_completions`.
    public var name: String { Self.name }
    /// The role of instructions, the one setting that is seen in what is rendered.
    public var variant: String? { instructionsRole.rawValue }

    /// The path of calls, `/chat/completions`.
    public var path: String { "/chat/completions" }

    /// The body's first bytes.
    public var opening: ByteBuffer { ByteBuffer(string: #"{"messages":["#) }

    /// The headers: JSON is sent; what is taken depends on whether the answer is streamed.
    public func headers(isStreamed: Bool) -> [(name: String, value: String)] {
        [
            ("Content-Type", "application/json"),
            ("Accept", isStreamed ? "text/event-stream" : "application/json"),
        ]
    }

    /// Makes a parser for one answer.
    public func makeParser(isStreamed: Bool) -> any AnswerParser {
        isStreamed
            ? ChatCompletionsStreamParser(redacting: redacting)
            : ChatCompletionsAnswerParser(redacting: redacting)
    }
}
