import NIOCore
import Stateline
import StatelineMemory
import Synchronization
import Testing

/// A dialect whose answers are complete with a full stop.
private struct SentenceDialect: Dialect {
    let name = "sentences"

    func path(model: String, isStreamed: Bool) -> String { "" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {}

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { Parser() }

    private struct Parser: AnswerParser {
        var text = ""
        var isComplete: Bool { text.hasSuffix(".") }

        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            text += String(buffer: bytes)
            return [.text(String(buffer: bytes))]
        }

        mutating func finish() throws(ModelError) -> Answer {
            guard isComplete else { throw .truncatedAnswer(receivedBytes: text.utf8.count) }
            return .text(text)
        }
    }
}

/// A model whose connection breaks after its answer.
private final class BreakingModel: LanguageModel {
    let dialect: any Dialect = SentenceDialect()
    let route = Route(provider: "test", model: "breaking")
    private let drains = Mutex(0)

    var drainCount: Int { drains.withLock { $0 } }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let chunks = Mutex(["Four", "."][...])
        return .bytes(
            AnswerBytes(
                { () async throws(ModelError) in
                    guard let chunk = chunks.withLock({ $0.popFirst() }) else {
                        throw .truncatedAnswer(receivedBytes: 5)
                    }
                    return ByteBuffer(string: chunk)
                },
                drain: { self.drains.withLock { $0 += 1 } }
            )
        )
    }
}

@Suite struct CompleteAnswerTests {
    @Test func `an answer that is complete is committed, whatever its connection does after it`() async throws {
        let model = BreakingModel()
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        #expect(try await session.respond(to: "2 + 2?").content == "Four.")
        #expect(try await session.streamResponse(to: "again").collect().content == "Four.")
        #expect(session.transcript.count == 4)
        #expect(model.drainCount == 2)
    }
}
