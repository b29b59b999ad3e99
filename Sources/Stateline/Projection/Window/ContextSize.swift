internal import NIOCore

/// The number of tokens of a session's next request.
///
/// The provider's count of the newest request is exact. What was added since then is estimated from its bytes, with the
/// number of bytes to a token that the provider's own counts gave.
///
/// A picture or a file whose content is in an entry counts as 1,000 tokens if it is newer than the provider's newest
/// count.
public struct ContextSize: Hashable, Sendable {
    /// The origin of the number of bytes to a token.
    @nonexhaustive
    public enum Basis: String, Hashable, Sendable, Codable {
        /// The provider counted a request that the next one begins with. Only what follows is estimated.
        case counted
        /// The provider counted other requests of the session.
        case calibrated
        /// No provider counted anything yet: ``ContextSize/assumedBytesPerToken``.
        case assumed
    }

    /// The number of bytes to a token before a provider has counted anything: 4.
    ///
    /// Source: OpenAI, *What are tokens and how to count them*: about four characters of English text.
    public static let assumedBytesPerToken = 4.0

    /// Tokens that the provider counted.
    public let countedTokens: Int
    /// Tokens of the rest, estimated.
    public let estimatedTokens: Int
    /// The number of bytes to a token that the estimate uses.
    public let bytesPerToken: Double
    /// The origin of that number.
    public let basis: Basis

    /// All tokens of the request.
    public var tokens: Int { countedTokens.adding(estimatedTokens) }
}

extension ContextSize {
    /// The tokens of a picture or a file.
    static let mediaTokens = 1000
    /// The plausible numbers of bytes to a token; counts outside of them are of something else than the bytes.
    static let plausibleBytesPerToken = 0.5...16.0

    /// The content of a request, as far as its size depends on it.
    struct Content {
        /// The view and the entries of the turn that is under way.
        let transcript: Transcript
        /// Their rendering.
        let rendering: Rendering
        /// The tools that the request declares.
        let tools: ToolDeclaration
        /// The newest request.
        let memory: RequestMemory?
        /// The head of the session.
        let head: Head
        /// The number of bytes to a token that the route's calls have shown.
        let bytesPerToken: Double?
    }

    /// The request that the provider counted.
    private struct Counted {
        let tokens: Int
        let entries: Int
        /// The offset at which its transcript part ends.
        let end: Int
    }

    /// Measures a request.
    ///
    /// - Complexity: O(log *n* + *k*) in the number of entries after those that the provider counted.
    init(of content: Content) {
        let counted = Self.counted(in: content)
        let known = content.bytesPerToken ?? Self.calibration(of: content, counted)
        let ratio = known ?? Self.assumedBytesPerToken
        bytesPerToken = ratio
        guard let counted else {
            basis = known == nil ? .assumed : .calibrated
            countedTokens = 0
            estimatedTokens = Self.tokens(content.rendering.end + content.tools.bytes.readableBytes, ratio)
            return
        }
        basis = .counted
        countedTokens = counted.tokens
        var bytes = content.rendering.end - counted.end
        var tokens = 0
        for entry in content.transcript[counted.entries...] {
            let media = entry.media
            bytes -= media.bytes
            tokens += media.count * Self.mediaTokens
        }
        estimatedTokens = tokens + Self.tokens(max(bytes, 0), ratio)
    }

    /// Returns the tokens of some bytes.
    static func tokens(_ bytes: Int, _ bytesPerToken: Double) -> Int {
        Int(exactly: (Double(bytes) / bytesPerToken).rounded(.up)) ?? .max
    }

    private static func counted(in content: Content) -> Counted? {
        if let memory = content.memory {
            guard let tokens = memory.sent.tokens, memory.isWhole, memory.transcriptEnd <= content.rendering.end,
                memory.sent.entries <= content.transcript.count, memory.tools.fingerprint == content.tools.fingerprint
            else { return nil }
            return Counted(tokens: tokens, entries: memory.sent.entries, end: memory.transcriptEnd)
        }
        let view = content.head.view
        guard view.sentTokens > 0, view.sentTools == content.tools.fingerprint,
            let bytes = content.rendering.byteOffset(ofEntry: view.sentEntries)
        else { return nil }
        return Counted(
            tokens: view.sentTokens,
            entries: view.sentEntries,
            end: content.rendering.opening.readableBytes + bytes
        )
    }

    /// Returns the number of bytes to a token by the newest count; `nil` if there is none.
    private static func calibration(of content: Content, _ counted: Counted?) -> Double? {
        if let memory = content.memory, let tokens = memory.sent.tokens {
            return ratio(bytes: memory.body.byteCount, tokens: tokens)
        }
        if let counted, content.memory == nil {
            return ratio(bytes: counted.end + content.tools.bytes.readableBytes, tokens: counted.tokens)
        }
        let totals = content.head.totals
        return ratio(
            bytes: totals.sentAgainBytes.adding(totals.newBytes),
            tokens: totals.sentAgainTokens.adding(totals.newTokens)
        )
    }

    /// Returns the number of bytes to a token; `nil` if it is not plausible.
    static func ratio(bytes: Int, tokens: Int) -> Double? {
        guard bytes > 0, tokens > 0 else { return nil }
        let ratio = Double(bytes) / Double(tokens)
        return plausibleBytesPerToken.contains(ratio) ? ratio : nil
    }
}

extension Entry {
    /// The pictures and files whose content is in the entry: their number, and their bytes as they are sent.
    var media: (count: Int, bytes: Int) {
        let parts: [Part]
        switch content {
        case .instructions(let own), .prompt(let own), .response(let own), .compaction(let own): parts = own
        case .toolOutput(let output): parts = output.parts
        case .reasoning, .toolCalls: return (0, 0)
        }
        return parts.reduce(into: (0, 0)) { sum, part in
            guard case .image(let media) = part else {
                if case .file(let media) = part { sum = (sum.0 + 1, sum.1 + media.sentBytes) }
                return
            }
            sum = (sum.0 + 1, sum.1 + media.sentBytes)
        }
    }
}

extension Media {
    /// The bytes of the content in base64; 0 if only its place is sent.
    fileprivate var sentBytes: Int {
        if case .data(let bytes) = source { (bytes.readableBytes + 2) / 3 * 4 } else { 0 }
    }
}
