public import NIOCore
public import Stateline

/// The dialect of OpenAI's Chat Completions, which most providers and local servers speak.
///
/// A body is `{"messages":[`, the rendered transcript, `],"tools":[` with the tools if there are any, then `],"model":…}`
/// with all parameters. The members that change from call to call stand last, so that the bytes of the history never
/// move. Every message but the first begins with its comma.
///
/// Source: OpenAI API reference, *Chat Completions*.
public struct ChatCompletions: Dialect {
    /// The role in which instructions are given.
    public enum InstructionsRole: String, Hashable, Sendable {
        /// The role that every server knows.
        case system
        /// The role that OpenAI's newer models expect.
        case developer
    }

    /// The member that limits the length of an answer.
    public enum TokenLimitMember: String, Hashable, Sendable {
        /// The member that every server knows.
        case maxTokens = "max_tokens"
        /// The member that OpenAI's reasoning models demand.
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// The role in which instructions are given.
    public let instructionsRole: InstructionsRole
    /// The member that limits the length of an answer.
    public let tokenLimitMember: TokenLimitMember
    /// The texts that no error may hold.
    let redacting: Secrets

    /// Makes the dialect.
    ///
    /// Most servers understand the defaults.
    public init(instructionsRole: InstructionsRole = .system, tokenLimitMember: TokenLimitMember = .maxTokens) {
        self.init(instructionsRole: instructionsRole, tokenLimitMember: tokenLimitMember, redacting: .none)
    }

    private init(instructionsRole: InstructionsRole, tokenLimitMember: TokenLimitMember, redacting secrets: Secrets) {
        self.instructionsRole = instructionsRole
        self.tokenLimitMember = tokenLimitMember
        self.redacting = secrets
    }

    /// Returns the same dialect, whose errors do not hold some texts.
    public func redacting(_ secrets: Secrets) -> ChatCompletions {
        ChatCompletions(
            instructionsRole: instructionsRole,
            tokenLimitMember: tokenLimitMember,
            redacting: redacting.merging(secrets)
        )
    }

    static let name = "openai.chat_completions"

    /// The stable name, `openai.chat_completions`.
    public var name: String { Self.name }
    /// The role of instructions: the one setting that changes the rendering.
    public var variant: String? { instructionsRole.rawValue }

    /// Returns the path of calls, `/chat/completions`.
    public func path(model: String, isStreamed: Bool) -> String { "/chat/completions" }

    /// Renders the body's first bytes.
    ///
    /// Instructions are messages, so the preamble is not in them.
    public func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer(string: #"{"messages":["#) }

    /// Returns the headers: the request is JSON, and the answer is JSON or a stream of events.
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
