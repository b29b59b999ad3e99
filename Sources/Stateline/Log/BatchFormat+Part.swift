internal import NIOCore

extension BatchFormat {
    private enum PartKind: UInt8 {
        case text = 1
        case image = 2
        case file = 3
        case refusal = 4
        case json = 5
    }

    private enum MediaSource: UInt8 {
        case url = 1
        case data = 2
        case providerFile = 3
    }

    private static let mediaTypeFlag: UInt8 = 1
    private static let mediaNameFlag: UInt8 = 2

    static func write(_ part: Part, to buffer: inout ByteBuffer) {
        switch part {
        case .text(let text): write(.text, text, to: &buffer)
        case .refusal(let text): write(.refusal, text, to: &buffer)
        case .json(let text): write(.json, text, to: &buffer)
        case .image(let media): write(.image, media, to: &buffer)
        case .file(let media): write(.file, media, to: &buffer)
        }
    }

    /// Reads parts to the end, and skips unknown ones that may be ignored.
    static func readParts(from buffer: inout ByteBuffer) throws(FormatError) -> [Part] {
        var parts: [Part] = []
        while buffer.readableBytes > 0 {
            if let part = try readPart(from: &buffer) { parts.append(part) }
        }
        return parts
    }

    /// Reads a part; returns `nil` for a part of an unknown kind that may be ignored.
    private static func readPart(from buffer: inout ByteBuffer) throws(FormatError) -> Part? {
        let kind = try buffer.read(UInt8.self, "part's kind")
        switch PartKind(rawValue: kind) {
        case .text: return .text(try buffer.readText("text"))
        case .refusal: return .refusal(try buffer.readText("refusal"))
        case .json: return .json(try buffer.readText("JSON"))
        case .image: return .image(try readMedia(from: &buffer))
        case .file: return .file(try readMedia(from: &buffer))
        case nil:
            guard kind >= FormatExtension.firstTag else { throw .unsupported("part's kind \(kind)") }
            _ = try buffer.readSized("part")
            return nil
        }
    }

    private static func write(_ kind: PartKind, _ text: String, to buffer: inout ByteBuffer) {
        buffer.writeInteger(kind.rawValue)
        buffer.writeText(text)
    }

    private static func write(_ kind: PartKind, _ media: Media, to buffer: inout ByteBuffer) {
        buffer.writeInteger(kind.rawValue)
        let type = media.mediaType == nil ? 0 : mediaTypeFlag
        let name = media.name == nil ? 0 : mediaNameFlag
        buffer.writeInteger(type | name)
        switch media.source {
        case .url(let url):
            buffer.writeInteger(MediaSource.url.rawValue)
            buffer.writeText(url)
        case .data(let bytes):
            buffer.writeInteger(MediaSource.data.rawValue)
            buffer.writeBytes(sized: bytes)
        case .providerFile(let id):
            buffer.writeInteger(MediaSource.providerFile.rawValue)
            buffer.writeText(id)
        }
        if let mediaType = media.mediaType { buffer.writeText(mediaType) }
        if let name = media.name { buffer.writeText(name) }
    }

    private static func readMedia(from buffer: inout ByteBuffer) throws(FormatError) -> Media {
        let flags = try buffer.readFlags(mediaTypeFlag | mediaNameFlag, "media's flags")
        let kind = try buffer.read(UInt8.self, "media's source")
        let source: Media.Source =
            switch MediaSource(rawValue: kind) {
            case .url: .url(try buffer.readText("URL"))
            case .data: .data(try buffer.readSized("data"))
            case .providerFile: .providerFile(id: try buffer.readText("file's id"))
            case nil: throw .unsupported("media's source \(kind)")
            }
        return Media(
            source,
            mediaType: flags & mediaTypeFlag == 0 ? nil : try buffer.readText("media type"),
            name: flags & mediaNameFlag == 0 ? nil : try buffer.readText("media's name")
        )
    }
}
