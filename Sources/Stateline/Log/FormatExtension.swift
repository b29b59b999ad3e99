public import NIOCore

/// A field of a stored form that a newer writer added and that this version does not know.
///
/// Batches, heads, crossings and entries may hold such fields. A reader keeps their bytes as they came, and a writer that
/// makes the next head carries that of the one before on.
public struct FormatExtension: Hashable, Sendable {
    /// The least tag of an extension; a field with a lower one may not be ignored.
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
        precondition(tag >= Self.firstTag, "tags below 128 are of fields that every reader has to know")
        self.tag = tag
        self.bytes = bytes
    }
}
