/// A name that keeps the sessions of one product or environment apart from those of others on the same server.
///
/// It is a part of the name of every key, so that stores with different namespaces share no session, and an access list
/// can allow a single namespace. In a cluster there is no other way, because it has only database 0.
public struct RedisNamespace: Hashable, Sendable {
    /// The name: 1 to 64 letters, digits, `-`, `_` and `.`.
    public let rawValue: String

    /// Makes a namespace; returns `nil` if the name's length or characters are not allowed.
    ///
    /// - Parameter rawValue: The name.
    public init?(_ rawValue: String) {
        let isName = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isName, 1...64 ~= rawValue.utf8.count else { return nil }
        self.rawValue = rawValue
    }
}
