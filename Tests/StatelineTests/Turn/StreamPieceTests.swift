import NIOCore
import Stateline
import StatelineMemory
import Synchronization
import Testing

/// A dialect whose parser makes *n* pieces of each chunk, all of the text `a`.
private struct PieceDialect: Dialect {
    let count: Int
    let name = "pieces"

    func path(model: String, isStreamed: Bool) -> String { "/" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {}

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { Parser(count: count) }

    private struct Parser: AnswerParser {
        let count: Int

        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            Array(repeating: .text("a"), count: count)
        }

        mutating func finish() throws(ModelError) -> Answer { .text("a") }
    }
}

private struct PieceModel: LanguageModel {
    let dialect: any Dialect
    let route = Route(provider: "test", endpoint: "here", model: "pieces")

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let chunks = Mutex([ByteBuffer(string: "chunk")])
        return .bytes(AnswerBytes { () async throws(ModelError) in chunks.withLock { $0.popLast() } })
    }
}

@Suite struct StreamPieceTests {
    // Taking each piece from the front of an array moves 125,000,000,000 pieces in all: that takes 10 minutes, and the
    // test ends at its limit. Without the moves it takes a few seconds.
    @Test(.timeLimit(.minutes(5)))
    func `half a million pieces of one chunk are given without moving those that wait`() async throws {
        let count = 500_000
        let model = PieceModel(dialect: PieceDialect(count: count))
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        var pieces = 0
        for try await part in session.streamResponse(to: "go") {
            if case .text = part { pieces += 1 }
            try Task.checkCancellation()
        }
        #expect(pieces == count)
    }
}
