public import NIOCore

/// A wire format of stateless model calls, as pure functions over bytes.
///
/// A request's body is ``opening(_:)``, the rendered transcript, ``declaration(of:)``, and ``closing(_:)``. The rendered
/// transcript of a longer history begins with the exact bytes of a shorter one, so that an entry is rendered once, when
/// it is appended. The declaration of the tools is a part of its own because a session repeats it in each request, behind
/// bytes that are new: it is compared with the declaration of the request before.
///
/// ### Messages that span entries
///
/// Some formats demand that roles alternate, so that an entry has to join the message before it. Such a dialect leaves
/// the last message open: ``render(_:after:into:)`` either continues it or closes it and begins the next one, and the
/// declaration and the closing begin with the bytes that end it.
///
/// ### Instructions outside of the messages
///
/// The preamble is the run of instructions that a transcript begins with (``Transcript/preamble``). A dialect that sends
/// them in a member of their own writes them in ``opening(_:)`` or in ``closing(_:)`` and renders nothing for them.
public protocol Dialect: Sendable {
    /// The stable name under which ``ProviderBytes`` of this format are stored.
    var name: String { get }

    /// A text that tells this dialect's rendering from that of another one of the same name; `nil` if there is none.
    ///
    /// Dialects of one name and one variant render the same entries to the same bytes, so that handles share what was
    /// rendered. Without a variant, each handle renders for itself what another handle added.
    var variant: String? { get }

    /// Returns the path of a call, below the provider's base URL.
    ///
    /// - Parameters:
    ///   - model: The model's name, for formats that carry it in the path.
    ///   - isStreamed: `true` if the answer is to come in pieces.
    /// - Returns: The path, which begins with a slash.
    func path(model: String, isStreamed: Bool) -> String

    /// Renders the body's first bytes.
    ///
    /// The result depends on the preamble alone. A session renders it once for each preamble.
    ///
    /// - Parameter preamble: The instructions that the transcript begins with.
    /// - Returns: The bytes before the transcript.
    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer

    /// Appends the rendering of entries that were added together.
    ///
    /// The result depends on the entries and on those before them alone.
    ///
    /// - Parameters:
    ///   - entries: The entries of one answer, one prompt or one round of tools.
    ///   - previous: All entries before these. They are rendered already; look at the last of them to join a message or
    ///     to place a separator.
    ///   - buffer: The buffer that the bytes are appended to.
    /// - Complexity: O(*n*) in the size of the entries.
    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer)

    /// Renders the declaration of the tools, which follows the transcript.
    ///
    /// The result depends on the tools alone, and is empty if there are none. A session renders it once.
    func declaration(of tools: [ToolDefinition]) -> ByteBuffer

    /// Renders the body's last bytes: the model's name and the options of one call.
    func closing(_ call: CallParameters) -> ByteBuffer

    /// Returns the request's headers, without those of authentication.
    func headers(isStreamed: Bool) -> [(name: String, value: String)]

    /// Makes a parser for one answer.
    func makeParser(isStreamed: Bool) -> any AnswerParser

    /// Makes the error that an answer with a status of failure stands for.
    ///
    /// - Parameters:
    ///   - status: The HTTP status, anything but 2xx.
    ///   - headers: The answer's headers.
    ///   - body: The first bytes of the answer's body.
    /// - Returns: The error.
    func failure(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> ModelError

    /// Returns the same dialect, whose errors do not hold some texts, beside those that they did not hold before.
    ///
    /// Parsers and ``failure(status:headers:body:)`` take a provider's words into errors.
    func redacting(_ secrets: Secrets) -> Self

    /// Lists the parts of an entry that the format cannot express.
    ///
    /// - Returns: The losses; empty if the model gets all of the entry.
    func losses(of entry: Entry) -> [Loss]
}

extension Dialect {
    /// `nil`: nothing that was rendered is shared.
    public var variant: String? { nil }

    /// Makes the error that the status stands for, with the body's text as the message.
    public func failure(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> ModelError {
        ModelError(status: status, headers: headers, message: ProviderMessage(String(buffer: body)))
    }

    /// Returns the dialect as it is.
    ///
    /// Implement this if errors of the dialect hold a provider's words.
    public func redacting(_ secrets: Secrets) -> Self { self }

    /// Returns no losses.
    public func losses(of entry: Entry) -> [Loss] { [] }

    /// Lists the parts of a history that the format cannot express.
    ///
    /// - Returns: The losses in the order of the entries, each with the place of its entry.
    /// - Complexity: O(*n*) in the number of entries.
    public func losses(of entries: some Sequence<Entry>) -> [(entry: Int, loss: Loss)] {
        entries.enumerated().flatMap { index, entry in losses(of: entry).map { (index, $0) } }
    }

    /// Returns `true` if this dialect renders entries as another one does.
    func rendersLike(_ other: any Dialect) -> Bool {
        guard let variant, let otherVariant = other.variant else { return false }
        return name == other.name && variant == otherVariant
    }
}
