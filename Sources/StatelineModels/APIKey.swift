#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import StatelineDialects

/// A key to a provider, which never shows itself.
///
/// Descriptions, dumps and interpolations of it, and of what holds it, print `<redacted>`.
public struct APIKey: Hashable, Sendable {
    private let secret: String

    /// Takes a key.
    ///
    /// - Precondition: The key is not empty and holds no control characters: it is sent in a header.
    public init(_ secret: String) {
        precondition(Self.isValid(secret), "an API key is empty or holds control characters")
        self.secret = secret
    }

    private static func isValid(_ secret: String) -> Bool {
        !secret.isEmpty && secret.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    /// The key in a variable of the environment; `nil` where it is not set, empty, or not fit for a header.
    ///
    /// White space around it is dropped: files of settings often leave a line's end.
    public static func environment(_ name: String) -> APIKey? {
        let secret = (ProcessInfo.processInfo.environment[name] ?? "").split(whereSeparator: \.isWhitespace)
        guard secret.count == 1, isValid(String(secret[0])) else { return nil }
        return APIKey(String(secret[0]))
    }

    /// The value of the header `Authorization`.
    var authorization: String { "Bearer \(secret)" }

    /// The key itself, for the list of secrets that no error may hold.
    var text: String { secret }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not the key.
    public var description: String { Secrets.placeholder }
    /// Not the key.
    public var debugDescription: String { Secrets.placeholder }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
