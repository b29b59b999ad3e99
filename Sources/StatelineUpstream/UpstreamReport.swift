/// The requests to an ``Upstream``: sums over all of them, and the newest ones.
///
/// Bytes are counted by the server itself, after HTTP's framing.
public struct UpstreamReport: Codable, Hashable, Sendable {
    /// The number of requests.
    public internal(set) var requestCount = 0
    /// The number of requests that were compared with the previous one, or were the first of their conversation.
    public internal(set) var comparedCount = 0
    /// Bytes of all bodies.
    public internal(set) var requestBytes = 0
    /// Bytes of compared bodies that the previous body had too: ``prefixBytes``, and the tools if they are the same.
    public internal(set) var sentAgainBytes = 0
    /// Leading bytes of compared bodies in common with the previous body, which a prefix cache can read.
    public internal(set) var prefixBytes = 0
    /// Bytes of compared bodies that the previous body did not have.
    public internal(set) var newBytes = 0
    /// Tokens of all prompts.
    public internal(set) var promptTokens = 0
    /// Tokens of messages wholly in common with the previous body.
    public internal(set) var cachedTokens = 0
    /// The newest requests, oldest first.
    public internal(set) var requests: [UpstreamRequest] = []

    private enum CodingKeys: String, CodingKey {
        case requestCount = "request_count"
        case comparedCount = "compared_count"
        case requestBytes = "request_bytes"
        case sentAgainBytes = "sent_again_bytes"
        case prefixBytes = "prefix_bytes"
        case newBytes = "new_bytes"
        case promptTokens = "prompt_tokens"
        case cachedTokens = "cached_tokens"
        case requests
    }
}

/// One request as an ``Upstream`` received it.
public struct UpstreamRequest: Codable, Hashable, Sendable {
    /// The number, from 1, in the order in which bodies were complete.
    public let index: Int
    /// The conversation: the value of the header `x-stateline-session`, empty without it.
    public let conversation: String
    /// Bytes of the body.
    public let requestBytes: Int
    /// Bytes that the conversation's previous request had too; `nil` if that request is forgotten.
    ///
    /// They are ``prefixBytes``, and the member `tools` if it is the same. Tools are not found in a body that could not
    /// be read.
    public internal(set) var sentAgainBytes: Int?
    /// Leading bytes in common with the conversation's previous request; `nil` if that request is forgotten.
    public let prefixBytes: Int?
    /// The SHA-256 of the body, in hexadecimal digits.
    public let sha256: String
    /// Tokens of the prompt; `nil` if the body was not read, or could not be.
    public internal(set) var promptTokens: Int?
    /// Tokens of the leading messages that lie wholly in ``prefixBytes``; `nil` without a prompt.
    public internal(set) var cachedTokens: Int?
    /// The HTTP status of the answer; `nil` before it is known.
    public internal(set) var status: Int?

    /// Bytes of the body that the previous request did not have.
    public var newBytes: Int? { sentAgainBytes.map { requestBytes - $0 } }

    private enum CodingKeys: String, CodingKey {
        case index
        case conversation
        case requestBytes = "request_bytes"
        case sentAgainBytes = "sent_again_bytes"
        case prefixBytes = "prefix_bytes"
        case sha256
        case promptTokens = "prompt_tokens"
        case cachedTokens = "cached_tokens"
        case status
    }
}
