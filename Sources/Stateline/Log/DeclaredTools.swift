/// The tools that a session was declared to have: their names, and a fingerprint of all that the model is told of them.
public struct DeclaredTools: Hashable, Sendable, Codable {
    /// The names, in the order of the declaration.
    public let names: [String]
    /// The first four bytes of a SHA-256 over names, descriptions and parameters.
    public let fingerprint: UInt32

    /// Makes a declaration.
    public init(names: [String], fingerprint: UInt32) {
        self.names = names
        self.fingerprint = fingerprint
    }
}
