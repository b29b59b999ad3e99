import NIOCore
import StatelineMemory
import Synchronization
import Testing

@testable import Stateline

/// A dialect of plain text.
///
/// A full stop ends the content, and an exclamation mark is not allowed.
private struct PlainDialect: Dialect {
    let name = "plain"

    func path(model: String, isStreamed: Bool) -> String { "" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        for entry in entries { buffer.writeString("[\(entry.text)]") }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { Parser() }

    struct Parser: AnswerParser {
        var text = ""
        var hasEnded: Bool { text.contains(".") }

        mutating func append(_ bytes: ByteBuffer) throws(ModelError) -> [AnswerPart] {
            let piece = String(buffer: bytes)
            text += piece.prefix { $0 != "!" }
            if piece.contains("!") { throw .malformedAnswer("an exclamation mark") }
            return [.text(piece)]
        }

        mutating func finish() throws(ModelError) -> Answer {
            guard hasEnded else { throw .truncatedAnswer(receivedBytes: text.utf8.count) }
            return .text(text)
        }

        func partial() throws(ModelError) -> Answer? {
            let calls = [ToolCall(id: "c", name: "f", arguments: "{")]
            let entries = text.isEmpty ? [] : [Entry.response(text)]
            return Answer(entries: entries + [Entry(.toolCalls(calls))], finishReason: .toolCalls)
        }
    }
}

/// A model whose answers are pieces, and then an error or the end; the first answers are given as they are.
private final class PlainModel: LanguageModel {
    let dialect: any Dialect = PlainDialect()
    let route = Route(provider: "test", model: "plain")
    private let pieces: [String]
    private let error: ModelError?
    private let answers: Mutex<[Answer]>
    private let sent = Mutex<[String]>([])
    private let endings = Mutex(0)
    private let resumptions = Mutex(0)

    init(_ pieces: [String], then error: ModelError? = nil, after answers: [Answer] = []) {
        self.pieces = pieces
        self.error = error
        self.answers = Mutex(answers)
    }

    var bodies: [String] { sent.withLock { $0 } }
    var contentEndings: Int { endings.withLock { $0 } }
    var contentResumptions: Int { resumptions.withLock { $0 } }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        sent.withLock { $0.append(String(buffer: request.body.joined())) }
        if let answer = answers.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return .answer(answer) }
        let rest = Mutex(pieces[...])
        return .bytes(
            AnswerBytes(
                requestID: "req_1",
                { [error] () async throws(ModelError) in
                    if let piece = rest.withLock({ $0.popFirst() }) { return ByteBuffer(string: piece) }
                    if error == .cancelled { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
                    if let error { throw error }
                    return nil
                },
                contentEnded: { self.endings.withLock { $0 += 1 } },
                contentResumed: { self.resumptions.withLock { $0 += 1 } }
            )
        )
    }
}

/// What is left of answers that break off.
@Suite struct IncompleteAnswerTests {
    private static let kept = SessionConfiguration(incompleteAnswers: .keepIncomplete)

    /// A way in which an answer breaks off.
    struct Break: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var pieces = ["Hel", "lo"]
        var error: ModelError?
        var code: String

        static let all = [
            Break(testDescription: "the end of the body", code: "truncated_answer"),
            Break(
                testDescription: "a reset",
                error: .truncatedAnswer(receivedBytes: 5),
                code: "truncated_answer"
            ),
            Break(testDescription: "a stall", error: .timeout(.idle), code: "timeout_idle"),
            Break(testDescription: "the total limit", error: .timeout(.total), code: "timeout_total"),
            Break(
                testDescription: "an error of the provider",
                error: .overloaded(retryAfter: nil, message: "busy"),
                code: "overloaded"
            ),
            Break(
                testDescription: "bytes that are not allowed, with text before them",
                pieces: ["Hel", "lo!"],
                code: "malformed_answer"
            ),
        ]
    }

    private func shown(_ session: ModelSession, isStreamed: Bool) async throws -> (text: String, Response<String>?) {
        guard isStreamed else { return ("", try await session.respond(to: "Hi")) }
        var text = ""
        for try await part in session.streamResponse(to: "Hi") {
            switch part {
            case .text(let piece): text += piece
            case .response(let response): return (text, response)
            default: Issue.record("\(part)")
            }
        }
        return (text, nil)
    }

    @Test(arguments: Break.all, [false, true])
    func `text of an answer that broke off is shown, kept, sent next and in the ledger by policy`(
        fault: Break,
        isStreamed: Bool
    ) async throws {
        let model = PlainModel(fault.pieces, then: fault.error)
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, configuration: Self.kept)
        let (text, response) = try await shown(session, isStreamed: isStreamed)
        #expect(response?.content == "Hello" && response?.finishReason == .incomplete)
        #expect(!isStreamed || text == "Hello")
        #expect(session.transcript.map(\.text) == ["Hi", "Hello"], "the broken tool call is not there")
        let crossing = try #require(try await session.ledger().last)
        #expect(crossing.outcome == .incomplete(fault.code))
        #expect(crossing.receivedBytes == fault.pieces.joined().utf8.count && crossing.requestID == "req_1")
        _ = try await shown(session, isStreamed: isStreamed)
        #expect(model.bodies == ["[Hi]", "[Hi][Hello][Hi]"])
    }

    @Test(arguments: Break.all, [false, true])
    func `text of an answer that broke off is discarded by default`(fault: Break, isStreamed: Bool) async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: PlainModel(fault.pieces, then: fault.error))
        let error = await #expect(throws: SessionError.self) { try await shown(session, isStreamed: isStreamed) }
        guard case .model(let cause, draft: nil)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.code == fault.code)
        #expect(session.transcript.isEmpty)
        #expect(try await session.ledger().map(\.outcome) == [.failed(fault.code)])
    }

    @Test func `an answer without text fails whatever the policy`() async throws {
        let faults: [(model: PlainModel, code: String)] = [
            (PlainModel([], then: .timeout(.idle)), "timeout_idle"), (PlainModel(["!"]), "malformed_answer"),
        ]
        for fault in faults {
            let session = try await Boundary(store: MemoryStore())
                .session(SessionKey("s"), model: fault.model, configuration: Self.kept)
            await #expect(throws: SessionError.self) { try await session.respond(to: "Hi") }
            #expect(session.transcript.isEmpty)
            #expect(try await session.ledger().map(\.outcome) == [.failed(fault.code)])
        }
    }

    @Test func `the steps before an answer that broke off are kept with it`() async throws {
        let calling = Answer(
            entries: [Entry(.toolCalls([ToolCall(id: "a", name: "f", arguments: "{}")]))],
            finishReason: .toolCalls
        )
        let model = PlainModel(["Hel"], then: .timeout(.idle), after: [calling])
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, tools: [TestTool(name: "f")], configuration: Self.kept)
        #expect(try await session.respond(to: "Hi").content == "Hel")
        #expect(session.transcript.map(\.text) == ["Hi", "", "fine", "Hel"])
        let outcomes = try await session.ledger().map(\.outcome)
        #expect(outcomes == [.answered(.toolCalls), .incomplete("timeout_idle")])
    }

    @Test(arguments: [
        ModelError.timeout(.idle), .truncatedAnswer(receivedBytes: 4),
        .serverError(status: 500, retryAfter: nil, message: ""),
    ])
    func `an answer whose content has ended is whole, whatever comes after it`(error: ModelError) async throws {
        for pieces in [["Hel", "lo."], ["Hello.", "!"], ["Hello.!"]] {
            let model = PlainModel(pieces, then: error)
            let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
            let (text, response) = try await shown(session, isStreamed: true)
            #expect(text == "Hello." && response?.content == "Hello." && response?.finishReason == .stop)
            #expect(try await session.ledger().map(\.outcome) == [.answered(.stop)])
            let isComplete = pieces.joined().contains("!") && pieces.count == 1
            #expect(model.contentEndings == (isComplete ? 0 : 1), "the transport is told once")
        }
    }

    @Test func `the transport learns that content came behind a reason to stop`() async throws {
        let model = PlainModel(["One.", " Two.", " Three."])
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        let (text, response) = try await shown(session, isStreamed: true)
        #expect(text == "One. Two. Three." && response?.content == text)
        #expect(model.contentEndings == 1 && model.contentResumptions == 1)
    }

    @Test func `a cancelled turn keeps nothing of its answer`() async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: PlainModel(["Hel"], then: .cancelled), configuration: Self.kept)
        let turn = Task { try await session.respond(to: "Hi") }
        await #expect(throws: SessionError.cancelled(draft: nil)) { try await turn.value }
        #expect(session.transcript.isEmpty)
        await session.flushLedger()
        #expect(try await session.ledger().map(\.outcome) == [.cancelled])
    }

    /// The task is cancelled while the end of the body is waited for, or by the reader of the last piece.
    @Test(arguments: [false, true], [ModelError.cancelled, nil])
    func `an answer that had ended when its turn was cancelled is in the draft`(
        isStreamed: Bool,
        error: ModelError?
    ) async throws {
        guard isStreamed || error != nil else { return }
        let model = PlainModel(["Hel", "lo."], then: error)
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        let turn = Task {
            guard isStreamed else {
                try await session.respond(to: "Hi")
                return
            }
            for try await case .text("lo.") in session.streamResponse(to: "Hi") where error == nil {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            }
        }
        let failure = await #expect(throws: SessionError.self) { try await turn.value }
        guard case .cancelled(let draft?)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(draft.entries.map(\.text) == ["Hi", "Hello."])
        try await session.commit(draft)
        #expect(session.transcript.map(\.text) == ["Hi", "Hello."])
        await session.flushLedger()
        let outcomes = try await session.ledger().map(\.outcome)
        #expect(outcomes == [.answered(.stop)], "\(outcomes)")
    }

    @Test func `the name that a provider gives to a failed request is in the ledger and in the error`() async throws {
        let refusal = ModelError.serverError(status: 500, retryAfter: nil, message: "oops").naming(request: "req_9")
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: LineModel([.init(refused: refusal)]), configuration: .withoutRetries)
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "Hi") }
        #expect("\(String(describing: error))".contains("oops (request req_9)"))
        #expect(try await session.ledger().map(\.requestID) == ["req_9"])
    }
}
