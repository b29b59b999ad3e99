/// The owner of sessions: keys of different tenants name different sessions, even if their ids are equal.
public struct Tenant: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral, Codable {
    /// The tenant's name, any text.
    public let rawValue: String

    /// Makes a tenant from its name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a tenant from a literal name.
    public init(stringLiteral value: String) {
        self.rawValue = value
    }

    /// The tenant of a program with only one.
    public static let `default`: Tenant = "default"
}
