/// The owner of sessions: keys of different tenants never meet, whatever their ids are.
public struct Tenant: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral, Codable {
    /// The tenant's name, any text.
    public let rawValue: String

    /// Makes a tenant of a name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a tenant of a literal name.
    public init(stringLiteral value: String) {
        self.rawValue = value
    }

    /// The tenant of a program that has only one.
    public static let `default`: Tenant = "default"
}
