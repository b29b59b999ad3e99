public import NIOCore

/// A picture or a file: its content, or a place to find it.
public struct Media: Hashable, Sendable {
    /// The place of the content.
    @nonexhaustive
    public enum Source: Hashable, Sendable {
        /// A URL that the provider can reach.
        case url(String)
        /// The content itself.
        case data(ByteBuffer)
        /// A file at the provider, under the provider's id.
        case providerFile(id: String)
    }

    /// The place of the content.
    public let source: Source
    /// The media type, such as `image/png`; needed for ``Source/data(_:)``.
    public let mediaType: String?
    /// The name, for files.
    public let name: String?

    /// Makes a picture or a file.
    public init(_ source: Source, mediaType: String? = nil, name: String? = nil) {
        self.source = source
        self.mediaType = mediaType
        self.name = name
    }
}
