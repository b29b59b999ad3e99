/// The proof that a caller may use an endpoint.
public struct Authentication: Sendable {
    /// The header that carries the key; `nil` if there is none.
    let header: (name: String, value: String)?
    /// The texts that no error may hold.
    let secrets: [String]

    private init(header: (name: String, value: String)?, secrets: [String]) {
        self.header = header
        self.secrets = secrets
    }

    /// No authentication, as local servers have it.
    public static let none = Authentication(header: nil, secrets: [])

    /// Sends a key as `Authorization: Bearer`.
    public static func bearer(_ key: APIKey) -> Authentication {
        Authentication(header: ("Authorization", key.authorization), secrets: [key.text])
    }

    /// Sends a key as the value of a header, such as Anthropic's `x-api-key`.
    public static func header(_ name: String, _ key: APIKey) -> Authentication {
        Authentication(header: (name, key.text), secrets: [key.text])
    }
}

extension Authentication: CustomStringConvertible, CustomReflectable {
    /// The name of the header; no key.
    public var description: String { header.map { "a key in \($0.name)" } ?? "none" }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
