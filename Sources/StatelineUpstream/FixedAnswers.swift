internal import Hummingbird
internal import NIOCore

/// One plain and one streamed answer, made in advance.
struct FixedAnswers {
    /// The number of bytes searched at either end of a body.
    private static let searchedBytes = 4096

    private let plain: ByteBuffer
    private let streamed: ByteBuffer

    init(wordCount: Int) {
        let answer = UpstreamAnswer(constantOf: wordCount)
        let frame = AnswerFrame(id: "chatcmpl-fixed", model: "fixed", promptTokens: 0, cachedTokens: 0)
        self.plain = answer.body(frame)
        self.streamed = answer.events(frame, includesUsage: true)
            .reduce(into: ByteBuffer()) { bytes, event in
                bytes.writeImmutableBuffer(event)
            }
    }

    /// Returns the kind of answer that a body asks for.
    func response(to body: ByteBuffer) -> Response {
        Self.wantsStream(body) ? .events(streamed) : .json(plain)
    }

    /// Returns `true` if `"stream": true` stands near an end of the body, where parameters are.
    ///
    /// Text cannot contain it, because quotes within a text are escaped.
    static func wantsStream(_ body: ByteBuffer) -> Bool {
        let bytes = body.readableBytesUInt8Span
        let isLong = bytes.count > 2 * searchedBytes
        return says(bytes.extracting(first: isLong ? searchedBytes : bytes.count))
            || isLong && says(bytes.extracting(last: searchedBytes))
    }

    private static func says(_ bytes: Span<UInt8>) -> Bool {
        for start in bytes.indices where bytes[start] == UInt8(ascii: "\"") {
            var skipper = JSONSkipper(at: start)
            if skipper.take("\"stream\"", bytes), skipper.take(":", bytes), skipper.take("true", bytes) { return true }
        }
        return false
    }
}
