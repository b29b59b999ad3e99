/// The name of a turn, or of another piece of work that makes a batch: 128 random bits.
///
/// If the first *n* entries of a turn were committed before the turn ended, their batch has the turn's name plus *n*.
/// In JSON an id is a string of 32 hexadecimal digits.
public struct TurnID: Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt128

    /// Makes an id of its bits.
    public init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// Draws an id from the system's generator.
    public static func random() -> TurnID {
        TurnID(rawValue: .random(in: .min ... .max))
    }
}

extension TurnID: Codable {
    /// Decodes an id from 32 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decodeHexadecimal())
    }

    /// Encodes the id as 32 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue.hexadecimal)
    }
}
