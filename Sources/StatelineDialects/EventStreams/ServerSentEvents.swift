internal import NIOCore

/// A parser that splits a stream of server-sent events into the data of its events.
///
/// Lines end in LF, CR or CRLF and may come in any pieces. Data of several lines is joined by LF. Comments and all fields
/// but `data` are skipped. An event that is not closed by an empty line is dropped. Each byte is read once.
///
/// Source: WHATWG HTML, *Server-sent events*, 9.2.6.
struct ServerSentEvents: Sendable {
    /// The line that is not ended yet.
    private var line = ByteBuffer()
    /// The data of the event that is not ended yet; `nil` before its first line of data.
    private var data: ByteBuffer?
    /// `true` if the last byte was a CR, so that a LF now belongs to it.
    private var endedInReturn = false
    private var isFirstLine = true

    /// Takes the next bytes.
    ///
    /// - Returns: The data of the events that they ended.
    mutating func append(_ bytes: ByteBuffer) -> [ByteBuffer] {
        var events: [ByteBuffer] = []
        var bytes = bytes
        while let end = Self.endOfLine(bytes) {
            let isRestOfReturn = endedInReturn && end == 0 && bytes.getInteger(at: bytes.readerIndex) == Self.lineFeed
            endedInReturn = bytes.getInteger(at: bytes.readerIndex + end) == Self.carriageReturn
            let rest = bytes.readSlice(length: end)
            bytes.moveReaderIndex(forwardBy: 1)
            if isRestOfReturn { continue }
            endLine(with: rest ?? ByteBuffer(), into: &events)
        }
        if bytes.readableBytes > 0 {
            endedInReturn = false
            line.writeImmutableBuffer(bytes)
        }
        return events
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private static func endOfLine(_ bytes: ByteBuffer) -> Int? {
        let span = bytes.readableBytesUInt8Span
        for index in span.indices where span[index] == lineFeed || span[index] == carriageReturn { return index }
        return nil
    }

    private mutating func endLine(with rest: ByteBuffer, into events: inout [ByteBuffer]) {
        var text = rest
        if line.readableBytes > 0 {
            line.writeImmutableBuffer(rest)
            text = line
            line = ByteBuffer()
        }
        if isFirstLine, text.readableBytesView.starts(with: [0xef, 0xbb, 0xbf]) { text.moveReaderIndex(forwardBy: 3) }
        isFirstLine = false
        guard text.readableBytes > 0 else {
            if let data { events.append(data) }
            data = nil
            return
        }
        readField(text)
    }

    private mutating func readField(_ text: ByteBuffer) {
        var value = text
        guard let name = value.readString(length: min(4, value.readableBytes)), name == "data" else { return }
        if let colon = value.readInteger(as: UInt8.self) {
            guard colon == UInt8(ascii: ":") else { return }
            if value.getInteger(at: value.readerIndex) == UInt8(ascii: " ") { value.moveReaderIndex(forwardBy: 1) }
        }
        guard data != nil else {
            data = value
            return
        }
        data?.writeInteger(Self.lineFeed)
        data?.writeImmutableBuffer(value)
    }
}
