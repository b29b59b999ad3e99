/// A name that keeps the sessions of one product or environment apart from those of others on the same server.
///
/// It is a part of the name of every key, so that two stores with different namespaces share no session, and an access
/// list can allow one of them alone. A cluster has no other means: it has only the database 0.
public struct RedisNamespace: Hashable, Sendable {
    /// The name: 1 to 64 letters, digits, `-`, `_` and `.`.
    public let rawValue: String

    /// Makes a namespace; `nil` if the name has another length or other characters than a namespace has.
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
