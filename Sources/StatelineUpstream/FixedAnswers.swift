internal import Hummingbird
internal import NIOCore

/// One plain and one streamed answer, made in advance.
struct FixedAnswers {
    /// How many bytes at either end of a body are searched.
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

    /// The answer of the kind that a body asks for.
    func response(to body: ByteBuffer) -> Response {
        Self.wantsStream(body) ? .events(streamed) : .json(plain)
    }

    /// Whether `"stream": true` stands near an end of the body, where parameters are.
    ///
    /// A text cannot say it, because the quotes within a text are escaped.
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
