internal import Stateline

/// The proof that a caller may use an endpoint.
///
/// A key is a constant, or is asked for before each attempt at a call:
///
/// ```swift
/// let authentication = Authentication.bearer(reusedFor: .seconds(300)) { try await tokens.current() }
/// ```
public struct Authentication: Sendable {
    /// A key and the header that carries it.
    enum Credential: Sendable {
        /// No key.
        case none
        /// A key that does not change.
        case key(APIKey, Header)
        /// Keys that a function gives.
        case source(KeySource, Header)
    }

    /// The header that carries a key.
    struct Header: Sendable {
        let name: String
        /// The text before the key, such as `Bearer ` with its space.
        var prefix = ""

        static let bearer = Header(name: "Authorization", prefix: "Bearer ")

        /// Returns the header with a key.
        func field(_ key: APIKey) -> (name: String, value: String) { (name, prefix + key.text) }
    }

    let credential: Credential

    /// No authentication, as local servers have it.
    public static let none = Authentication(credential: .none)

    /// Sends a key as `Authorization: Bearer`.
    public static func bearer(_ key: APIKey) -> Authentication {
        Authentication(credential: .key(key, .bearer))
    }

    /// Sends a key as the value of a header, such as Anthropic's `x-api-key`.
    public static func header(_ name: String, _ key: APIKey) -> Authentication {
        Authentication(credential: .key(key, Header(name: name)))
    }

    /// Sends the key that a function gives as `Authorization: Bearer`.
    ///
    /// The function is asked for each attempt at a call, within the time to connect. If it throws, the call fails with
    /// `ModelError.credentialsFailed(description:)`, or with the `ModelError` that it throws: one that passes, such as
    /// `connectionFailed`, is followed by another attempt.
    ///
    /// - Parameters:
    ///   - time: The time for which a key is used again before the function is asked anew. A key that the provider refuses
    ///     is not used again. Calls that find no key at the same time each ask.
    ///   - key: The function.
    /// - Returns: The authentication.
    public static func bearer(
        reusedFor time: Duration = .zero,
        _ key: @escaping @Sendable () async throws -> APIKey
    ) -> Authentication {
        Authentication(credential: .source(KeySource(reusedFor: time, key), .bearer))
    }

    /// Sends the key that a function gives as the value of a header; see ``bearer(reusedFor:_:)``.
    public static func header(
        _ name: String,
        reusedFor time: Duration = .zero,
        _ key: @escaping @Sendable () async throws -> APIKey
    ) -> Authentication {
        Authentication(credential: .source(KeySource(reusedFor: time, key), Header(name: name)))
    }

    /// The keys that are known now.
    var keys: [String] { if case .key(let key, _) = credential { [key.text] } else { [] } }

    /// The keys that a function gives; `nil` if there is none.
    var register: SecretRegister? { if case .source(let source, _) = credential { source.given } else { nil } }

    /// Asks for the header of one attempt at a call.
    ///
    /// - Parameter limit: The time that a function may take.
    /// - Returns: The header; `nil` if there is none.
    /// - Throws: `ModelError` if a function gives no key.
    func field(within limit: Duration) async throws(ModelError) -> (name: String, value: String)? {
        switch credential {
        case .none: nil
        case .key(let key, let header): header.field(key)
        case .source(let source, let header): header.field(try await source.key(within: limit))
        }
    }

    /// Records that the provider refused the newest key.
    func refused() {
        if case .source(let source, _) = credential { source.refused() }
    }
}

extension Authentication: CustomStringConvertible, CustomReflectable {
    /// The name of the header; no key.
    public var description: String {
        switch credential {
        case .none: "none"
        case .key(_, let header), .source(_, let header): "a key in \(header.name)"
        }
    }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
