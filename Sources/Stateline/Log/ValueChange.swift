public import NIOCore

/// A change of one value of a session.
///
/// In JSON: `{"name": "cart", "value": "{\"items\":[]}"}`; the value is the text of its JSON, and is left out if the change
/// removes it.
public struct ValueChange: Hashable, Sendable {
    /// The name of the value.
    public let name: String
    /// The new value as JSON; `nil` if it is removed.
    public let value: ByteBuffer?
}

extension ValueChange: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, value
    }

    /// Decodes a change.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        value = try container.decodeIfPresent(String.self, forKey: .value).map { ByteBuffer(string: $0) }
        guard ValueName.isValid(name), value?.readableBytes ?? 0 <= SessionValues.maximumValueSize else {
            throw DecodingError.dataCorruptedError(
                forKey: .name,
                in: container,
                debugDescription: "the name or the size of a value is not valid"
            )
        }
    }

    /// Encodes the change.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(value.map { String(buffer: $0) }, forKey: .value)
    }
}
