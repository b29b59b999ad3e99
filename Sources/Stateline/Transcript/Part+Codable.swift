internal import NIOCore

extension Part: Codable {
    private enum Key: String, CodingKey {
        case type, text, media
    }

    private enum Kind: String, Codable {
        case text, image, file, refusal, json
    }

    /// Reads a part: its `type`, and its `text` or `media`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        func text() throws -> String { try members.decode(String.self, forKey: .text) }
        func media() throws -> Media { try members.decode(Media.self, forKey: .media) }
        self =
            switch try members.decode(Kind.self, forKey: .type) {
            case .text: .text(try text())
            case .image: .image(try media())
            case .file: .file(try media())
            case .refusal: .refusal(try text())
            case .json: .json(try text())
            }
    }

    /// Writes the part: its `type`, and its `text` or `media`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        func write(_ kind: Kind, _ content: some Encodable, _ key: Key) throws {
            try members.encode(kind, forKey: .type)
            try members.encode(content, forKey: key)
        }
        switch self {
        case .text(let text): try write(.text, text, .text)
        case .image(let media): try write(.image, media, .media)
        case .file(let media): try write(.file, media, .media)
        case .refusal(let text): try write(.refusal, text, .text)
        case .json(let text): try write(.json, text, .text)
        }
    }
}

extension Media: Codable {
    private enum Key: String, CodingKey {
        case url, data, fileID, mediaType, name
    }

    /// Reads a picture or a file: `url`, `data` in base 64, or `fileID`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        let source: Source =
            if let url = try members.decodeIfPresent(String.self, forKey: .url) {
                .url(url)
            } else if let id = try members.decodeIfPresent(String.self, forKey: .fileID) {
                .providerFile(id: id)
            } else {
                .data(try members.decode(ByteBuffer.self, forKey: .data))
            }
        self.init(
            source,
            mediaType: try members.decodeIfPresent(String.self, forKey: .mediaType),
            name: try members.decodeIfPresent(String.self, forKey: .name)
        )
    }

    /// Writes the picture or file: `url`, `data` in base 64, or `fileID`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        switch source {
        case .url(let url): try members.encode(url, forKey: .url)
        case .data(let bytes): try members.encode(bytes, forKey: .data)
        case .providerFile(let id): try members.encode(id, forKey: .fileID)
        }
        try members.encodeIfPresent(mediaType, forKey: .mediaType)
        try members.encodeIfPresent(name, forKey: .name)
    }
}
