internal import NIOCore

/// A parser that splits a stream of server-sent events into its events.
///
/// Lines end in LF, CR or CRLF and may come in any pieces. Data of several lines is joined by LF. Comments are skipped,
/// and so are all fields but `data` and those of an error. Each byte is read once.
///
/// Beyond the source, for servers that are lax: a field `error` is data of an error, and `[DONE]` is an event as soon as
/// its last byte has come, because neither the end of its line nor an empty line may follow. An event that is not closed
/// by an empty line is given by ``finish()`` alone.
///
/// Source: WHATWG HTML, *Server-sent events*, 9.2.6.
struct ServerSentEvents: Sendable {
    /// The line that is not ended yet.
    private var line = ByteBuffer()
    /// The data of the event that is not ended yet; `nil` before its first line of data.
    private var data: ByteBuffer?
    /// `true` if the event that is not ended yet is an error.
    private var isError = false
    /// `true` if the last byte was a CR, so that a LF now belongs to it.
    private var endedInReturn = false
    private var isFirstLine = true

    /// Takes the next bytes.
    ///
    /// - Returns: The events that they ended.
    mutating func append(_ bytes: ByteBuffer) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
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
            if data == nil, Self.isEndMark(line) { endLine(with: ByteBuffer(), into: &events) }
        }
        return events
    }

    /// Ends the stream.
    ///
    /// - Returns: The event that no empty line has closed; `nil` if there is none. It may be cut off anywhere.
    mutating func finish() -> ServerSentEvent? {
        var events: [ServerSentEvent] = []
        if line.readableBytes > 0 { endLine(with: ByteBuffer(), into: &events) }
        if events.isEmpty { endEvent(into: &events) }
        return events.first
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let colon = UInt8(ascii: ":")
    private static let space = UInt8(ascii: " ")

    private static func endOfLine(_ bytes: ByteBuffer) -> Int? {
        let span = bytes.readableBytesUInt8Span
        for index in span.indices where span[index] == lineFeed || span[index] == carriageReturn { return index }
        return nil
    }

    /// Returns `true` if a line that is not ended is the mark after the last event.
    private static func isEndMark(_ line: ByteBuffer) -> Bool {
        let longest = 12
        guard longest - 1...longest ~= line.readableBytes else { return false }
        return value(of: "data", in: line).map(ServerSentEvent.isEndMark) ?? false
    }

    private mutating func endLine(with rest: ByteBuffer, into events: inout [ServerSentEvent]) {
        var text = rest
        if line.readableBytes > 0 {
            line.writeImmutableBuffer(rest)
            text = line
            line = ByteBuffer()
        }
        if isFirstLine, text.readableBytesView.starts(with: [0xef, 0xbb, 0xbf]) { text.moveReaderIndex(forwardBy: 3) }
        isFirstLine = false
        guard text.readableBytes > 0 else { return endEvent(into: &events) }
        readField(text)
        if let data, ServerSentEvent.isEndMark(data) { endEvent(into: &events) }
    }

    private mutating func endEvent(into events: inout [ServerSentEvent]) {
        if let data {
            events.append(ServerSentEvent(data: data, isError: isError))
        } else if isError {
            events.append(ServerSentEvent(data: ByteBuffer(), isError: true))
        }
        data = nil
        isError = false
    }

    private mutating func readField(_ text: ByteBuffer) {
        switch text.getInteger(at: text.readerIndex, as: UInt8.self) {
        case UInt8(ascii: "d"):
            if let value = Self.value(of: "data", in: text) { add(value) }
        case UInt8(ascii: "e"):
            if let name = Self.value(of: "event", in: text) {
                isError = name.readableBytesView.elementsEqual("error".utf8)
            } else if let value = Self.value(of: "error", in: text) {
                isError = true
                add(value)
            }
        default: return
        }
    }

    private mutating func add(_ value: ByteBuffer) {
        guard data != nil else {
            data = value
            return
        }
        data?.writeInteger(Self.lineFeed)
        data?.writeImmutableBuffer(value)
    }

    /// Returns the value of a field; `nil` if the line is another field or a comment.
    private static func value(of name: String, in line: ByteBuffer) -> ByteBuffer? {
        guard line.readableBytesView.starts(with: name.utf8) else { return nil }
        var value = line
        value.moveReaderIndex(forwardBy: name.utf8.count)
        guard let next = value.readInteger(as: UInt8.self) else { return value }
        guard next == colon else { return nil }
        if value.getInteger(at: value.readerIndex) == space { value.moveReaderIndex(forwardBy: 1) }
        return value
    }
}
