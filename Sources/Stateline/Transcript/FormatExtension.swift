public import NIOCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A field of a stored form that a newer writer added and that this version does not know.
///
/// Batches, heads, crossings and entries may hold such fields. A reader keeps their bytes unchanged, and each head
/// carries on those of the head before. In JSON: `{"tag": 130, "bytes": "AP8="}`, the bytes in base64.
public struct FormatExtension: Hashable, Sendable {
    /// The minimum tag of an extension; a field with a lower one may not be ignored.
    public static let firstTag: UInt8 = 128

    /// The field's tag, from 128 to 255.
    public let tag: UInt8
    /// The field's content, without its tag and length.
    public let bytes: ByteBuffer

    /// Makes an extension.
    ///
    /// - Parameters:
    ///   - tag: Its tag, at least ``firstTag``.
    ///   - bytes: Its content.
    public init(tag: UInt8, bytes: ByteBuffer) {
        precondition(tag >= Self.firstTag, "a tag must be at least 128; lower ones are for required fields")
        self.tag = tag
        self.bytes = bytes
    }
}

extension FormatExtension: Codable {
    private enum CodingKeys: String, CodingKey {
        case tag, bytes
    }

    /// Decodes an extension: its tag, and its content in base64.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let tag = try container.decode(UInt8.self, forKey: .tag)
        guard tag >= Self.firstTag, let bytes = Data(base64Encoded: try container.decode(String.self, forKey: .bytes))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: tag < Self.firstTag ? .tag : .bytes,
                in: container,
                debugDescription: tag < Self.firstTag ? "a tag below 128" : "not base64"
            )
        }
        self.init(tag: tag, bytes: ByteBuffer(bytes: bytes))
    }

    /// Encodes the tag, and the content in base64.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tag, forKey: .tag)
        try container.encode(Data(bytes.readableBytesView).base64EncodedString(), forKey: .bytes)
    }
}
