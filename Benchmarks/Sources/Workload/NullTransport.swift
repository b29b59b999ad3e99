package import NIOCore
package import Stateline
internal import StatelineDialects
internal import Synchronization

/// A Chat Completions model without a network: it walks the whole gather list and gives an answer that was made before.
package final class NullTransport: LanguageModel {
    /// The dialect of requests and answers.
    package let dialect: any Dialect = ChatCompletions()
    /// Nowhere.
    package let route = Route(provider: "null", model: "null")

    /// The bytes of each answer.
    package let answer: ByteBuffer
    private let most = Atomic(0)

    /// The most chunks that a request had.
    package var mostChunks: Int { most.load(ordering: .relaxed) }

    /// Makes a model that always answers the same text.
    package init(answer: String) {
        self.answer = ByteBuffer(
            string: """
                {"id":"1","object":"chat.completion","created":0,"model":"null","choices":[{"index":0,"message":\
                {"role":"assistant","content":"\(answer)"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
                """
        )
    }

    /// Takes a request as a transport would: one look at each chunk.
    package func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        var walked = 0
        for chunk in request.body.chunks { walked += chunk.readableBytes }
        precondition(walked == request.body.byteCount, "the gather list is not the body")
        most.max(request.body.chunks.count, ordering: .relaxed)
        stopwatch.lap(.send)
        let rest = Mutex<ByteBuffer?>(answer)
        return .bytes(AnswerBytes { rest.withLock { $0.take() } })
    }
}
