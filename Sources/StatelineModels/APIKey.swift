#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Stateline

/// A key to a provider, which never shows itself.
///
/// Descriptions, dumps and interpolations of it, and of values that hold it, print `<redacted>`.
public struct APIKey: Hashable, Sendable {
    private let secret: String

    /// Makes a key of its text.
    ///
    /// - Precondition: The key is not empty and holds no control characters: it is sent in a header.
    public init(_ secret: String) {
        precondition(Self.isValid(secret), "an API key must not be empty or hold control characters")
        self.secret = secret
    }

    private static func isValid(_ secret: String) -> Bool {
        !secret.isEmpty && secret.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    /// Reads the key from a variable of the environment; `nil` if it is not set, empty, or not fit for a header.
    ///
    /// White space around it is dropped, because files of settings often end in a newline.
    public static func environment(_ name: String) -> APIKey? {
        let secret = (ProcessInfo.processInfo.environment[name] ?? "").split(whereSeparator: \.isWhitespace)
        guard secret.count == 1, isValid(String(secret[0])) else { return nil }
        return APIKey(String(secret[0]))
    }

    /// The key itself, for its header and for ``Secrets`` alone.
    var text: String { secret }

    /// The text that stands in a secret's place.
    static var placeholder: String { Secrets.placeholder }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The placeholder, not the key.
    public var description: String { Self.placeholder }
    /// The placeholder, not the key.
    public var debugDescription: String { Self.placeholder }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
