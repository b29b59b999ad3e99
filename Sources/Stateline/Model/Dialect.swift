public import NIOCore

/// A wire format of stateless model calls, as pure functions over bytes.
///
/// A request's body is `opening`, the rendered transcript, the declaration of the tools, and `closing`. The rendered
/// transcript of a longer history begins with the exact bytes of a shorter one, so that an entry is rendered once, when
/// it is appended. The declaration is a part of its own because a session repeats it in each request, behind bytes that
/// are new: it is compared with the declaration of the request before.
public protocol Dialect: Sendable {
    /// The stable name under which ``ProviderBytes`` of this format are stored.
    var name: String { get }

    /// What tells this dialect's rendering from another one's of the same name; `nil` where that cannot be told.
    ///
    /// Dialects of one name and one variant render the same entries to the same bytes, so that handles share what was
    /// rendered. Where there is no variant, a handle renders for itself what another handle added.
    var variant: String? { get }

    /// The path of calls, below the provider's base URL.
    var path: String { get }

    /// The body's first bytes, the same in every request.
    var opening: ByteBuffer { get }

    /// Appends the rendering of entries that were added together.
    ///
    /// The result depends on the entries and on `isFirst` alone.
    ///
    /// - Parameters:
    ///   - entries: What one answer, one prompt or one round of tools added.
    ///   - isFirst: Whether nothing of the transcript was rendered before.
    ///   - buffer: Where the bytes go.
    /// - Complexity: O(*n*) in the size of the entries.
    func render(_ entries: ArraySlice<Entry>, isFirst: Bool, into buffer: inout ByteBuffer)

    /// Renders the declaration of the tools, which follows the transcript.
    ///
    /// The result depends on the tools alone, and is empty if there are none. A session renders it once.
    func declaration(of tools: [ToolDefinition]) -> ByteBuffer

    /// Renders the body's last bytes: the model's name and the options of one call.
    func closing(model: String, options: GenerationOptions, isStreamed: Bool) -> ByteBuffer

    /// The request's headers, those of authentication aside.
    func headers(isStreamed: Bool) -> [(name: String, value: String)]

    /// Makes a parser for one answer.
    func makeParser(isStreamed: Bool) -> any AnswerParser
}

extension Dialect {
    /// None: nothing that was rendered is shared.
    public var variant: String? { nil }

    /// Whether this dialect renders entries as another one does.
    func rendersLike(_ other: any Dialect) -> Bool {
        guard let variant, let otherVariant = other.variant else { return false }
        return name == other.name && variant == otherVariant
    }
}

/// Reads one answer, whose bytes may come in any pieces.
public protocol AnswerParser: Sendable {
    /// Takes the next bytes.
    ///
    /// - Returns: What of the answer can be shown already.
    /// - Throws: ``ModelError`` where the bytes are not what the dialect allows.
    mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart]

    /// Ends the answer.
    ///
    /// - Throws: ``ModelError`` where the bytes that came are not a whole answer.
    mutating func finish() throws(ModelError) -> Answer
}
