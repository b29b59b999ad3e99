/// A provider's own words about a failure.
public struct ProviderMessage: Hashable, Sendable {
    /// The maximum number of characters of a provider's text that are kept.
    public static let maximumLength = 300

    /// The text: one line, cut to ``maximumLength``, without secrets.
    public let text: String
    /// The provider's code or type of the failure, such as `context_length_exceeded` or `503`; `nil` if it gives none.
    ///
    /// It is a text for programs to compare and may be of any length.
    public let code: String?

    /// Makes a message of a text from a peer.
    ///
    /// - Parameters:
    ///   - text: The provider's text, in any form.
    ///   - code: The provider's code of the failure.
    ///   - secrets: The texts that the message may not hold. They are removed before the text is cut, because a cut could
    ///     leave a part of one that is no longer found.
    public init(_ text: String, code: String? = nil, redacting secrets: Secrets = .none) {
        var line = ""
        for scalar in secrets.redacted(from: text).unicodeScalars {
            if scalar.properties.isWhitespace {
                line.unicodeScalars.append(" ")
            } else if scalar.properties.generalCategory != .control {
                line.unicodeScalars.append(scalar)
            }
        }
        self.text = line.count > Self.maximumLength ? line.prefix(Self.maximumLength) + "…" : line
        self.code = code.map(secrets.redacted)
    }
}

extension ProviderMessage: ExpressibleByStringLiteral {
    /// Makes a message of a literal, without a code.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ProviderMessage: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}
