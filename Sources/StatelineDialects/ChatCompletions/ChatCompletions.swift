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
    /// The habits of the server.
    public let profile: ServerProfile
    /// The member that limits the length of an answer.
    var tokenLimitMember: ServerProfile.TokenLimitMember { profile.tokenLimitMember }
    /// The texts that no error may hold.
    let redacting: Secrets
    /// The settings of the profile that change the rendering.
    public let variant: String?

    /// Makes the dialect.
    ///
    /// - Parameter profile: The habits of the server; the default reads and sends what most servers understand.
    public init(profile: ServerProfile = .lenient) {
        self.init(profile: profile, redacting: .none)
    }

    private init(profile: ServerProfile, redacting secrets: Secrets) {
        self.profile = profile
        self.redacting = secrets
        self.variant = profile.renderingVariant
    }

    /// Returns the same dialect, whose errors do not hold some texts.
    public func redacting(_ secrets: Secrets) -> ChatCompletions {
        ChatCompletions(profile: profile, redacting: redacting.merging(secrets))
    }

    static let name = "openai.chat_completions"

    /// The stable name, `openai.chat_completions`.
    public var name: String { Self.name }

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
        ChatCompletionsParser(profile: profile, isStreamed: isStreamed, redacting: redacting)
    }
}
