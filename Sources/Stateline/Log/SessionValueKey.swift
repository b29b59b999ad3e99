/// The name of a session's value, and the type that the value has in Swift.
///
/// Declare the keys of an application once, and name them like cases:
///
/// ```swift
/// extension SessionValueKey<Cart> {
///     static var cart: Self { Self("cart") }
/// }
///
/// let cart = try session.state[.cart]
/// try await session.set(.cart, to: Cart())
/// ```
///
/// The stored form is the value's JSON. So a value can be read in another type, as its fields allow, and by programs in
/// other languages.
public struct SessionValueKey<Value: Codable & Sendable>: Hashable, Sendable {
    /// The name, by which the value is stored.
    public let name: String

    /// Makes a key.
    ///
    /// - Parameter name: 1 to 128 visible characters of ASCII. Names that begin with `stateline.` are those of the
    ///   library, and a rewind leaves their values as they are.
    public init(_ name: String) {
        self.name = name
    }
}

/// The rules for names of values.
enum ValueName {
    static let maximumLength = 128
    /// The beginning of the names of values that belong to the session and not to a point of its history.
    static let reservedPrefix = "stateline."

    /// Checks that a name can be stored.
    ///
    /// Names are ASCII, so that equal names are equal bytes.
    ///
    /// - Complexity: O(1).
    static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...maximumLength).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7e).contains($0) }
    }

    static func isReserved(_ name: String) -> Bool { name.utf8.starts(with: reservedPrefix.utf8) }

    /// Orders names by their bytes, as the stored form does.
    static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
