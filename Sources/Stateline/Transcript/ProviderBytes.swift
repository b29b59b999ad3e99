public import NIOCore

/// The bytes in which a provider said something, and the dialect that they are in.
///
/// A request to the same dialect carries them as they came; another dialect uses the typed view.
public struct ProviderBytes: Hashable, Sendable, Codable {
    /// The ``Dialect/name`` of the dialect.
    public let dialect: String
    /// The bytes, as they came.
    public let bytes: ByteBuffer

    /// Makes provider bytes.
    public init(dialect: String, bytes: ByteBuffer) {
        self.dialect = dialect
        self.bytes = bytes
    }
}
