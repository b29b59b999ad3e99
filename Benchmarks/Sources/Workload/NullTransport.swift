package import NIOCore
package import Stateline
internal import StatelineDialects
internal import Synchronization

/// A Chat Completions model without a network: walks the whole gather list and returns a prepared answer.
package final class NullTransport: LanguageModel {
    /// The dialect of requests and answers.
    package let dialect: any Dialect = ChatCompletions()
    /// A route to nowhere.
    package let route = Route(provider: "null", model: "null")

    /// The bytes of each answer.
    package let answer: ByteBuffer
    private let most = Atomic(0)

    /// The maximum number of chunks of a request.
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

    /// Reads each chunk of a request once, as a transport would.
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
