package import NIOCore
package import Stateline
internal import StatelineDialects

/// A Chat Completions answer of some megabytes, which comes in pieces of 7 bytes.
package struct LongAnswer: Sendable {
    /// The length of the body, in units of 1,000,000 bytes; it is longer by one sentence at most.
    package let megabytes: Int
    /// `true` for server-sent events, of one sentence each.
    package let isStreamed: Bool

    /// A sentence with letters of one to four bytes and an escape, as it stands in JSON.
    private static let sentence = #"The quick brown fox – in Zürich – 世界 😀 says \"hello\".\n"#

    /// The body.
    package var bytes: ByteBuffer {
        let event = "data: " + chunk(#""delta":{"content":"\#(Self.sentence)"},"finish_reason":null"#) + "\n\n"
        let (opening, sentence, closing) =
            isStreamed
            ? ("", event, "data: " + chunk(#""delta":{},"finish_reason":"stop""#) + "\n\ndata: [DONE]\n\n")
            : (
                #"{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":""#, Self.sentence,
                #""},"finish_reason":"stop"}]}"#
            )
        var body = ByteBuffer(string: opening)
        let size = megabytes * 1_000_000
        body.reserveCapacity(size + 1_024)
        while body.readableBytes < size - closing.utf8.count { body.writeString(sentence) }
        body.writeString(closing)
        return body
    }

    /// The length of the body in bytes.
    package var byteCount: Int { bytes.readableBytes }

    private func chunk(_ choice: String) -> String {
        #"{"id":"1","object":"chat.completion.chunk","created":0,"model":"null","choices":[{"index":0,\#(choice)}]}"#
    }

    /// Parses the body, piece by piece.
    package func parse(_ body: ByteBuffer) throws -> Answer {
        var parser = ChatCompletions().makeParser(isStreamed: isStreamed)
        var rest = body
        while let piece = rest.readSlice(length: min(7, rest.readableBytes)), piece.readableBytes > 0 {
            _ = try parser.append(piece)
        }
        return try parser.finish()
    }
}
