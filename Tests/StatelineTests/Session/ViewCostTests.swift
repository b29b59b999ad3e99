import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// What rewinds and compactions cost.
@Suite struct ViewCostTests {
    private static let key = SessionKey("s")

    private static func view(_ view: Batch.View) -> Batch {
        var batch = Batch(.view, turn: .random(), created: Timestamp(milliseconds: 0))
        batch.view = view
        return batch
    }

    /// Each of 800 turns is answered twice.
    @Test func `a rewind stores the same few bytes however many there were`() async throws {
        let boundary = Boundary(store: MemoryStore())
        let session = try await boundary.session("s", instructions: "Be brief.")
        try await session.respond(to: "p")
        let start = session.snapshot.position.revision
        for _ in 0..<800 {
            try await session.respond(to: "question")
            let before = session.snapshot.position.revision
            try await session.rewind(to: Revision(rawValue: before.rawValue - 1))
            try await session.respond(to: "the same again")
        }
        #expect(session.snapshot.position.revision.rawValue == start.rawValue + 2400)
        guard case .tail(let log) = try await boundary.log.store.load(Self.key, after: nil) else {
            Issue.record("there is no log")
            return
        }
        let sizes = try log.filter { try $0.decoded().batch.kind == .view }.map(\.bytes.readableBytes)
        #expect(sizes.count == 800)
        let (stored, views) = (log.reduce(0) { $0 + $1.bytes.readableBytes }, sizes.reduce(0, +))
        print("800 view batches: \(sizes.first ?? 0) to \(sizes.last ?? 0) bytes, \(views) of \(stored) bytes stored")
        // Beside two turns of a few words, which the texts of real ones outweigh.
        #expect(views < stored / 4)
        // The counts of a head and of the view grow by a byte or three where they pass 64 and 16,384.
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 24, "\(sizes)")
    }

    @Test func `a session that was rewound or compacted weighs the entries it still holds`() throws {
        let text = String(repeating: "long ", count: 2000)
        var writer = LogWriter(Self.key)
        var log = [writer.append(.instructions("Be brief."))]
        for _ in 0..<200 { log.append(writer.append(.prompt(text), .response(text))) }
        let held = 400 * text.utf8.count
        let whole = try Snapshot.folding(log, of: Self.key, dialect: EntryDialect())
        #expect(whole.weight > 2 * held)
        #expect(whole.weight < 5 * held)
        let rewound = whole.successor(Self.view(Batch.View(base: 1, kept: 1))).snapshot
        #expect(rewound.transcript.count == 1)
        #expect(rewound.weight > held)
        let compacted = whole.successor(Self.view(Batch.View(base: 1, kept: 1, ranges: [399..<401]))).snapshot
        #expect(compacted.weight > held)
        #expect(compacted.weight < 2 * held)
    }

    @Test func `what a view takes in memory does not grow with the views before it`() {
        var writer = LogWriter(Self.key)
        writer.append(.instructions("Be brief."))
        var weights: [Int] = []
        for _ in 0..<800 {
            writer.append(.prompt("p"), .response("r"))
            let revision = writer.position.revision
            let kept = writer.snapshot.view(at: revision)?.count ?? 0
            writer.append(Self.view(Batch.View(base: revision, kept: kept - 1)))
            weights.append(writer.snapshot.weight)
        }
        let steps = zip(weights.dropFirst(), weights).map { $0 - $1 }
        #expect((steps.max() ?? 0) < 40_000, "\(steps.max() ?? 0)")
        #expect(weights[799] < 800 * 5000)
    }

    @Test func `a log that goes to and fro between two views is rendered once`() throws {
        var writer = LogWriter(Self.key)
        var log: [EncodedBatch] = []
        for number in 0..<200 { log.append(writer.append(.prompt("p\(number)"), .response("r"))) }
        for _ in 0..<100 {
            log.append(writer.append(Self.view(Batch.View(base: 0, kept: 0, ranges: [1..<400]))))
            log.append(writer.append(Self.view(Batch.View(base: 200, kept: 399))))
        }
        let dialect = CountingDialect()
        let snapshot = try Snapshot.folding(log, of: Self.key, dialect: dialect)
        #expect(snapshot.transcript.count == 399)
        #expect(dialect.count <= 400)
    }

    @Test func `a cold reader knows where each entry ends in the rendering, as the writer does`() throws {
        var writer = LogWriter(Self.key)
        var log = [writer.append(.instructions("Be brief."))]
        for _ in 0..<3 { log.append(writer.append(.prompt("p"), .response("r"))) }
        log.append(writer.append(Self.view(Batch.View(base: 3, kept: 5))))
        log.append(writer.append(.prompt("p"), .response("r")))
        let warm = writer.snapshot
        let cold = try Snapshot.folding(log, of: Self.key, dialect: EntryDialect())
        for entry in 0...warm.transcript.count {
            #expect(cold.rendering.byteOffset(ofEntry: entry) == warm.rendering.byteOffset(ofEntry: entry))
        }
    }

    @Test func `a rendering that keeps little of a chunk does not keep its storage`() {
        var rendering = Rendering(dialect: EntryDialect())
        let transcript = Transcript((0..<64).map { .prompt(String(repeating: "x", count: 1000 + $0)) })
        for entry in transcript { rendering.append([entry], of: transcript) }
        #expect(rendering.storageByteCount > 64_000)
        let isTruncated = rendering.truncate(toEntry: 1)
        #expect(isTruncated)
        #expect(rendering.storageByteCount < 5000)
        #expect(rendering.entryCount == 1)
    }
}

/// A dialect that counts the entries it renders.
private final class CountingDialect: Dialect {
    private let rendered = Mutex(0)
    private let base = EntryDialect()

    var count: Int { rendered.withLock { $0 } }
    var name: String { base.name }

    func path(model: String, isStreamed: Bool) -> String { base.path(model: model, isStreamed: isStreamed) }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { base.opening(preamble) }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        rendered.withLock { $0 += entries.count }
        base.render(entries, after: previous, into: &buffer)
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { base.declaration(of: tools) }

    func closing(_ call: CallParameters) -> ByteBuffer { base.closing(call) }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { base.headers(isStreamed: isStreamed) }

    func makeParser(isStreamed: Bool) -> any AnswerParser { base.makeParser(isStreamed: isStreamed) }
}
