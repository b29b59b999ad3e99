/// A random name of one life of a session, drawn when the session is created.
///
/// A session that is deleted and created again under the same key gets another incarnation. So a reader or a writer
/// never continues the former session by mistake. In JSON an incarnation is a string of 32 hexadecimal digits.
public struct Incarnation: Hashable, Sendable {
    /// The 128 random bits.
    public let rawValue: UInt128

    /// Makes an incarnation of its bits.
    public init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// Draws an incarnation from the system's generator.
    public static func random() -> Incarnation {
        Incarnation(rawValue: .random(in: .min ... .max))
    }
}

extension Incarnation: Codable {
    /// Decodes an incarnation from 32 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decodeHexadecimal())
    }

    /// Encodes the incarnation as 32 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue.hexadecimal)
    }
}
