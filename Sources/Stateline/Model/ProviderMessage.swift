/// A provider's own words about a failure.
public struct ProviderMessage: Hashable, Sendable {
    /// The maximum number of characters of a provider's text that are kept.
    public static let maximumLength = 300
    /// The maximum number of characters of a code, of a type and of a request id that are kept.
    public static let maximumCodeLength = 100

    /// The text: one line, cut to ``maximumLength``, without secrets.
    public let text: String
    /// The provider's code of the failure, such as `context_length_exceeded` or `503`; `nil` if it gives none.
    ///
    /// Codes and types are texts for programs to compare, of one line and at most ``maximumCodeLength`` characters.
    public let code: String?
    /// The provider's type of the failure, such as `invalid_request_error` or `RESOURCE_EXHAUSTED`; `nil` if it gives
    /// none.
    public let type: String?
    /// The provider's name of the request, to be given to its support; `nil` if it gives none.
    public internal(set) var requestID: String?

    /// Makes a message of a text from a peer.
    ///
    /// - Parameters:
    ///   - text: The provider's text, in any form.
    ///   - code: The provider's code of the failure.
    ///   - type: The provider's type of the failure.
    ///   - secrets: The texts that the message may not hold. They are removed before the text is cut, because a cut could
    ///     leave a part of one that is no longer found.
    public init(_ text: String, code: String? = nil, type: String? = nil, redacting secrets: Secrets = .none) {
        self.text = Self.line(text, limit: Self.maximumLength, redacting: secrets)
        self.code = code.map { Self.line($0, limit: Self.maximumCodeLength, redacting: secrets) }
        self.type = type.map { Self.line($0, limit: Self.maximumCodeLength, redacting: secrets) }
    }

    /// Returns a peer's text as one line of a bounded length, without secrets, control characters and marks of direction.
    ///
    /// Secrets are looked for in what is left, so that none hides behind a character that is not shown. A text of raw JSON
    /// is read as one: a secret may be escaped in it.
    static func line(_ text: String, limit: Int, redacting secrets: Secrets) -> String {
        var line = ""
        for scalar in unescaped(text).unicodeScalars {
            if scalar.properties.isWhitespace {
                line.unicodeScalars.append(" ")
            } else if scalar.properties.generalCategory != .control, !scalar.properties.isBidiControl {
                line.unicodeScalars.append(scalar)
            }
        }
        line = secrets.redacted(from: line)
        return line.count > limit ? line.prefix(limit) + "…" : line
    }

    /// Returns a text with the characters that `\uXXXX` stands for in it; halves of surrogate pairs stay as they are.
    private static func unescaped(_ text: String) -> String {
        guard text.contains("\\u") else { return text }
        var pieces = text.split(separator: "\\u", omittingEmptySubsequences: false)[...]
        var result = String(pieces.removeFirst())
        for piece in pieces {
            let digits = piece.utf8.prefix(4)
            if digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let code = UInt32(String(Substring(digits)), radix: 16), let scalar = UnicodeScalar(code)
            {
                result.unicodeScalars.append(scalar)
                result += piece.dropFirst(4)
            } else {
                result += "\\u" + piece
            }
        }
        return result
    }
}

extension ProviderMessage: ExpressibleByStringLiteral {
    /// Makes a message of a literal, without a code.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ProviderMessage: CustomStringConvertible {
    /// The text, and the request id if there is one.
    public var description: String { requestID.map { "\(text) (request \($0))" } ?? text }
}
