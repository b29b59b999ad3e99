internal import NIOCore

/// One event of a stream of server-sent events.
struct ServerSentEvent: Hashable, Sendable {
    /// The lines of data, joined by LF.
    let data: ByteBuffer
    /// `true` if the server marks the event as an error: by its name, or by a field `error`.
    var isError = false

    /// `true` if the event is the mark after the last one, `[DONE]`.
    var isEnd: Bool { !isError && Self.isEndMark(data) }

    /// Returns `true` for the data of the mark after the last event, which spaces may follow.
    static func isEndMark(_ data: ByteBuffer) -> Bool {
        guard endMark.readableBytes...16 ~= data.readableBytes else { return false }
        let text = data.readableBytesView
        return text.starts(with: endMark.readableBytesView)
            && text.dropFirst(endMark.readableBytes).allSatisfy { $0 == UInt8(ascii: " ") }
    }

    private static let endMark = ByteBuffer(string: "[DONE]")
}
