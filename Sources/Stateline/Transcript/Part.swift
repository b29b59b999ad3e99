public import NIOCore

/// A piece of an entry's content.
@nonexhaustive
public enum Part: Hashable, Sendable {
    /// Text.
    case text(String)
    /// A picture.
    case image(Media)
    /// A file.
    case file(Media)
    /// Why the model declined to answer.
    case refusal(String)
}

/// A picture or a file: where it is, or what it holds.
public struct Media: Hashable, Sendable {
    /// Where the content is.
    public enum Source: Hashable, Sendable {
        /// At a URL that the provider can reach.
        case url(String)
        /// Here.
        case data(ByteBuffer)
        /// At the provider, under an id of its own.
        case providerFile(id: String)
    }

    /// Where the content is.
    public let source: Source
    /// Its media type, such as `image/png`; needed for ``Source/data(_:)``.
    public let mediaType: String?
    /// Its name, for files.
    public let name: String?

    /// Makes a picture or a file.
    public init(_ source: Source, mediaType: String? = nil, name: String? = nil) {
        self.source = source
        self.mediaType = mediaType
        self.name = name
    }
}

extension Sequence<Part> {
    /// The text of the parts, joined; refusals count as text.
    var text: String {
        reduce(into: "") { text, part in
            switch part {
            case .text(let piece), .refusal(let piece): text += piece
            case .image, .file: break
            }
        }
    }
}
