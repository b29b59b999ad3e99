/// The habits of a server that speaks Chat Completions: its requests, its answers, and the history that it takes back.
///
/// Servers of this format differ in details that end a conversation if a client gets them wrong. A profile names the
/// choices; the presets hold those of known servers:
///
/// ```swift
/// let dialect = ChatCompletions(profile: .deepSeek)
/// ```
///
/// ``lenient`` is the default. It reads each shape that a known server answers with, so the presets differ from it in
/// what they send. A profile is a value: take a preset, and change the members that differ.
///
/// The article <doc:ServerProfiles> lists the differences of known servers.
public struct ServerProfile: Hashable, Sendable {
    /// The way in which answers are read.
    public enum Reading: String, Hashable, Sendable {
        /// Each shape that a known server answers with is an answer.
        ///
        /// A finish reason ends the answer, whatever follows it. A reason that is missing, `null` or unknown, a content
        /// of unknown parts, and calls with odd ids, indexes, types or names are read.
        case lenient
        /// Only the documented shapes are answers; for conformance tests of servers.
        case strict
    }

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

    /// The messages that carry the model's reasoning back to the server.
    public enum ReturnedReasoning: String, Hashable, Sendable {
        /// No message does.
        case never
        /// Messages with tool calls do, all of them: with an empty text if there was no reasoning.
        case withToolCalls
        /// Messages do if there was reasoning.
        case always
    }

    /// The member in which reasoning is sent back.
    public enum ReasoningMember: String, Hashable, Sendable {
        /// The member of DeepSeek, vLLM and llama.cpp.
        case reasoningContent = "reasoning_content"
        /// The member of OpenRouter and Ollama.
        case reasoning
    }

    /// The content of a message that has tool calls and no text.
    public enum ContentBesideCalls: String, Hashable, Sendable {
        /// `null`, as OpenAI documents it.
        case null
        /// An empty string, for servers whose templates take strings only.
        case emptyString
    }

    /// The form of a tool call's id.
    public enum CallIDForm: String, Hashable, Sendable {
        /// Any text.
        case any
        /// Nine letters or digits, which Mistral's templates demand.
        ///
        /// Other ids are sent as a digest of that form.
        case nineAlphanumerics
    }

    /// The way in which answers are read.
    public var reading: Reading
    /// The role in which instructions are given.
    public var instructionsRole: InstructionsRole
    /// The member that limits the length of an answer.
    public var tokenLimitMember: TokenLimitMember
    /// `true` if a streamed answer is asked to end with its usage, by the member `stream_options`.
    public var asksForStreamUsage: Bool
    /// The messages that carry reasoning back.
    public var returnedReasoning: ReturnedReasoning
    /// The member in which reasoning is sent back.
    public var reasoningMember: ReasoningMember
    /// `true` if members of an answer that the typed view does not hold are sent back as they came.
    ///
    /// They are stored in either case, so a session can move between servers of both kinds.
    public var returnsUnknownMembers: Bool
    /// The content of a message that has tool calls and no text.
    public var contentBesideCalls: ContentBesideCalls
    /// The form of a tool call's id.
    public var callIDs: CallIDForm

    /// Makes a profile; each default is that of ``lenient``.
    public init(
        reading: Reading = .lenient,
        instructionsRole: InstructionsRole = .system,
        tokenLimitMember: TokenLimitMember = .maxTokens,
        asksForStreamUsage: Bool = true,
        returnedReasoning: ReturnedReasoning = .never,
        reasoningMember: ReasoningMember = .reasoningContent,
        returnsUnknownMembers: Bool = true,
        contentBesideCalls: ContentBesideCalls = .null,
        callIDs: CallIDForm = .any
    ) {
        self.reading = reading
        self.instructionsRole = instructionsRole
        self.tokenLimitMember = tokenLimitMember
        self.asksForStreamUsage = asksForStreamUsage
        self.returnedReasoning = returnedReasoning
        self.reasoningMember = reasoningMember
        self.returnsUnknownMembers = returnsUnknownMembers
        self.contentBesideCalls = contentBesideCalls
        self.callIDs = callIDs
    }

    /// The settings that change the rendering of entries, as one text.
    var renderingVariant: String {
        [
            instructionsRole.rawValue, returnedReasoning.rawValue, reasoningMember.rawValue,
            returnsUnknownMembers ? "all" : "known", contentBesideCalls.rawValue, callIDs.rawValue,
        ]
        .joined(separator: ",")
    }
}
