/// The user or service in whose name a session is used: a text of the application's choice, such as `user:42`.
///
/// The library compares principals and records them. It does not authenticate them: the caller does that before it opens
/// the session.
public struct Principal: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    /// The maximum number of UTF-8 bytes that are stored; records of longer ones are cut before the scalar that exceeds
    /// it.
    public static let maximumStoredLength = 256

    /// The text.
    public let rawValue: String

    /// Makes a principal of its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a principal of its text.
    public init(_ id: String) {
        self.init(rawValue: id)
    }

    /// Makes a principal of a literal.
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    /// `true` if two principals are the same bytes.
    public static func == (a: Principal, b: Principal) -> Bool {
        a.rawValue.utf8.elementsEqual(b.rawValue.utf8)
    }

    /// `true` if two principals are not the same bytes; that of raw values compares texts.
    public static func != (a: Principal, b: Principal) -> Bool { !(a == b) }
}

extension Principal: CustomStringConvertible {
    /// The text.
    public var description: String { rawValue }
}

/// A right that a tool may require and a session may have, such as `orders.write`.
///
/// Permissions are compared as whole texts: none contains another one.
public struct Permission: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    /// The maximum number of UTF-8 bytes that are stored; records of longer ones are cut.
    public static let maximumStoredLength = 128

    /// The text.
    public let rawValue: String

    /// Makes a permission of its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a permission of its text.
    public init(_ name: String) {
        self.init(rawValue: name)
    }

    /// Makes a permission of a literal.
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    /// `true` if two permissions are the same bytes.
    ///
    /// A text that only looks alike, such as one with a combining mark, grants nothing.
    public static func == (a: Permission, b: Permission) -> Bool {
        a.rawValue.utf8.elementsEqual(b.rawValue.utf8)
    }

    /// `true` if two permissions are not the same bytes; that of raw values compares texts.
    public static func != (a: Permission, b: Permission) -> Bool { !(a == b) }
}

extension Permission: Comparable, CustomStringConvertible {
    /// Orders permissions by their bytes.
    public static func < (a: Permission, b: Permission) -> Bool {
        a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8)
    }

    /// The text.
    public var description: String { rawValue }
}

/// The record of a tool call that was refused because the session lacks permissions.
public struct Denial: Hashable, Sendable, Codable {
    /// The maximum number of missing permissions that are stored.
    static let maximumPermissionCount = 32

    /// The principal of the session; `nil` if it had none.
    public let principal: Principal?
    /// The permissions that the tool requires and the session does not have, in the order of their bytes.
    public let missing: [Permission]

    /// Makes a record.
    public init(principal: Principal?, missing: [Permission]) {
        self.principal = principal
        self.missing = missing
    }
}
