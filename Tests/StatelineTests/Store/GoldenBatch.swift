import Foundation
import NIOCore
import Testing

@testable import Stateline

/// A batch whose stored form is kept in `Golden/v1`, to the byte.
///
/// The files are what version 1 is. They change only while the version was never released: run the tests once with
/// `STATELINE_WRITE_GOLDEN=1` in the environment, look at the difference, and run them again without.
struct GoldenBatch: Sendable, CustomTestStringConvertible {
    let name: String
    let batch: Batch
    let head: Head
    let previous: Position

    var testDescription: String { name }
    var encoded: EncodedBatch { EncodedBatch(batch, head: head, after: previous) }

    /// One batch of every kind and one of a newer writer, with every kind of entry, part and outcome among them.
    static let all = [creation, turn, crossings, view, fork, values, repair, edit, newer] + steps

    /// The file's bytes.
    func stored() throws -> ByteBuffer { try Self.bytes(of: name) }

    private static func bytes(of name: String) throws -> ByteBuffer {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "hex", subdirectory: "Golden/v1"))
        let digits = try String(contentsOf: url, encoding: .utf8).filter { !$0.isWhitespace }
        return ByteBuffer(bytes: try #require(digits.hexBytes))
    }

    /// The file's bytes of the batch with sealed content.
    ///
    /// They cannot be made again: the nonce is random.
    func storedSealed() throws -> ByteBuffer { try Self.bytes(of: "sealed") }

    /// The encryption of the sealed file.
    static func cipher() throws -> SessionCipher {
        let master = try #require(EncryptionKey(id: 258, bytes: 0..<32))
        return try SessionCipher(of: key, from: KeyRing(master))
    }

    /// Writes the file with sealed content anew.
    func writeSealed() throws {
        let sealed = EncodedBatch(batch, head: head, after: previous, cipher: try Self.cipher().sealing(1))
        try Self.write(sealed, "sealed")
    }

    /// Writes the file anew, into the source tree.
    func write() throws { try Self.write(encoded, name) }

    private static func write(_ encoded: EncodedBatch, _ name: String) throws {
        let digits = encoded.bytes.readableBytesView.map { String(format: "%02x", $0) }
        let lines = stride(from: 0, to: digits.count, by: 32).map { digits[$0..<min($0 + 32, digits.count)].joined() }
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Golden/v1/\(name).hex")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    }
}

extension GoldenBatch {
    private static let key = SessionKey("thread-42", tenant: "acme")
    private static let incarnation = Incarnation(rawValue: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)
    private static let digest = Digest.sha256(ByteBuffer(string: "before"))

    init(_ name: String, _ kind: Batch.Kind, revision: Revision, _ fill: (inout Batch) -> Void) {
        let turn = TurnID(rawValue: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f00 + UInt128(kind.rawValue))
        var batch = Batch(kind, turn: turn, created: Timestamp(milliseconds: 1_795_392_000_123))
        fill(&batch)
        let before = Revision(rawValue: revision.rawValue - 1)
        let previous =
            before == 0
            ? Position.origin(of: Self.key, incarnation: Self.incarnation)
            : Position(incarnation: Self.incarnation, revision: before, digest: Self.digest)
        var head = Head(position: Position(incarnation: Self.incarnation, revision: revision, digest: previous.digest))
        head.totals.entries = batch.entries.count
        for crossing in batch.crossings { head.totals.add(crossing) }
        head.totals.sentAgainBytes += 1 << 40
        head.view.revision = batch.view == nil ? 0 : revision
        head.view.entries = batch.view.map { $0.kept + $0.ranges.reduce(0) { $0 + $1.count } } ?? batch.entries.count
        head.view.sentTokens = 20_000
        head.view.sentTools = batch.crossings.isEmpty ? 0 : 0x0102_0304
        if batch.record?.holdsEntries == true { head.view.entries = 0 }
        head.view.sentEntries = min(1, head.view.entries)
        head.openTurn = Self.openTurn(after: batch)
        if kind == Self.newerKind { head.extensions = Self.extensions }
        self.init(name: name, batch: batch, head: head, previous: previous)
    }

    static let creation = GoldenBatch("creation", .creation, revision: 1) { batch in
        batch.entries = [
            Entry(.instructions([.text("Be brief."), .text("")])),
            Entry(
                .prompt([
                    .text("Grüße, 世界 🌍\0"),
                    .image(Media(.url("https://example.com/a.png"))),
                    .image(Media(.data(ByteBuffer(bytes: [0x89, 0x50, 0, 0xff])), mediaType: "image/png")),
                    .file(Media(.providerFile(id: "file-1"), mediaType: "application/pdf", name: "a.pdf")),
                    .file(Media(.data(ByteBuffer()), name: "")),
                ])
            ),
            Entry(.compaction([])),
        ]
    }

    private static let turn = GoldenBatch("turn", .turn, revision: 70) { batch in
        let raw = ProviderBytes(dialect: "chat.completions", bytes: ByteBuffer(string: #"{"role":"assistant"}"#))
        batch.entries = [
            Entry(.prompt([.text("And tomorrow?")])),
            Entry(.reasoning(Reasoning(text: "Let me look.", signature: ByteBuffer(bytes: [1, 2, 3])))),
            Entry(.reasoning(Reasoning(text: ""))),
            Entry(
                .toolCalls([
                    ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Bern"}"#),
                    ToolCall(id: "call_2", name: "weather", arguments: "{broken"),
                ])
            ),
            Entry(.toolOutput(ToolOutput(callID: "call_1", name: "weather", text: "rain"))),
            Entry(.toolOutput(ToolOutput(callID: "call_2", name: "weather", parts: [], isError: true))),
            Entry(.response([.text("Rain."), .refusal("No more.")]), providerBytes: raw),
            Entry(.response([.text(String(repeating: "long ", count: 20))])),
        ]
        var answered = crossing(step: 0, outcome: .answered(.toolCalls))
        answered.repeatedToolBytes = 49_919
        answered.sentAgainTokens = 20_000
        answered.newTokens = 12
        answered.receivedBytes = 512
        answered.answerDigest = Digest.sha256(ByteBuffer(string: "answer"))
        answered.requestID = "req_0123456789abcdef0123456789abcdef"
        answered.usage = Usage(
            input: Usage.Input(totalTokenCount: 20_012, cachedTokenCount: 19_968),
            output: Usage.Output(totalTokenCount: 40, reasoningTokenCount: 8)
        )
        answered.firstByte = .microseconds(31_250)
        answered.duration = .nanoseconds(1_234_567_890)
        batch.crossings = [answered, crossing(step: 1, outcome: .answered(.stop))]
    }

    private static let crossings = GoldenBatch("crossings", .crossings, revision: 16_385) { batch in
        let outcomes: [Crossing.Outcome] = [
            .answered(.length), .answered(.contentFilter), .answered(.other("pause")), .answered(.incomplete),
            .incomplete("timeout_idle"), .failed("timeout_total"), .cancelled, .abandoned,
        ]
        batch.crossings = outcomes.enumerated().map { crossing(step: $0.offset, outcome: $0.element) }
        batch.crossings[0].usage = Usage(
            input: Usage.Input(totalTokenCount: 9),
            output: Usage.Output(totalTokenCount: 1, reasoningTokenCount: 0)
        )
        batch.crossings[1].requestID = "req_é"
    }

    private static let view = GoldenBatch("view", .view, revision: 71) { batch in
        batch.entries = [Entry(.compaction([.text("They spoke of the weather.")]))]
        batch.view = Batch.View(base: 70, kept: 16_384, ranges: [64..<16_384, 20_000..<20_001])
    }

    private static let fork = GoldenBatch("fork", .fork, revision: 3) { batch in
        batch.view = Batch.View(base: 0, kept: 0)
        batch.parent = Batch.Ancestor(
            id: "root/{}:*\n\0",
            position: Position(incarnation: Incarnation(rawValue: .max), revision: 2, digest: digest)
        )
    }

    private static let values = GoldenBatch("values", .values, revision: 4) { batch in
        let denial = Denial(principal: "anna", missing: ["orders.read", "orders.refund"])
        let output = ToolOutput(callID: "call_1", name: "refund", parts: [.text("no")], isError: true, denial: denial)
        batch.entries = [Entry(.toolOutput(output))]
        batch.crossings = [crossing(step: 0, outcome: .answered(.stop))]
        batch.crossings[0].cost = 16_384
        batch.values = [
            ValueChange(name: "cart", value: ByteBuffer(string: #"{"items":["pear"]}"#)),
            ValueChange(name: "count", value: nil),
            ValueChange(name: "stateline.title", value: ByteBuffer(string: #""Fruit""#)),
        ]
    }

    private static let repair = GoldenBatch("repair", .repair, revision: 73) { batch in
        batch.entries = [Entry(.toolOutput(ToolOutput(callID: "call_1", name: "weather", text: "late", isError: true)))]
        batch.view = Batch.View(base: 72, kept: 3, ranges: [20_000..<20_001, 3..<16_384])
    }

    private static let edit = GoldenBatch("edit", .edit, revision: 74) { batch in
        batch.entries = [.instructions("Be kind.")]
        batch.view = Batch.View(base: 0, kept: 0, ranges: [20_000..<20_001, 1..<16_384])
        var settings = Batch.Settings()
        settings.options = options.stored
        settings.tools = DeclaredTools(names: ["weather", ""], fingerprint: 0x0102_0304)
        settings.extensions = [extensions[1]]
        batch.settings = settings
    }

    /// Options with every field that is stored.
    static let options = GenerationOptions(
        temperature: 0.5,
        maximumResponseTokens: 512,
        topP: 1,
        seed: -7,
        stopSequences: ["END", ""],
        toolChoice: .tool("weather"),
        allowsParallelToolCalls: false,
        responseFormat: .jsonSchema("city", .object(["name": .string()]), isStrict: true, description: "A city."),
        reasoningEffort: .low,
        promptCacheKey: "acme",
        providerMembers: ["service_tier": "flex", "a": [1, 2]]
    )

    private static let newerKind = Batch.Kind(rawValue: 200)
    private static let extensions = [
        FormatExtension(tag: 128, bytes: ByteBuffer()),
        FormatExtension(tag: 255, bytes: ByteBuffer(string: "a newer writer's")),
    ]

    /// What a newer writer may add: a kind, optional sections, and fields of the head, of a crossing and of entries.
    private static let newer = GoldenBatch("newer", newerKind, revision: 72) { batch in
        let raw = ProviderBytes(dialect: "chat.completions", bytes: ByteBuffer(string: "{}"))
        batch.entries = [
            Entry(.prompt([.text("And tomorrow?")]), extensions: extensions),
            Entry(.response([.text("Rain.")]), providerBytes: raw, extensions: [extensions[1]]),
        ]
        var crossing = crossing(step: 0, outcome: .failed("status_429"))
        crossing.extensions = extensions
        batch.crossings = [crossing]
        batch.extensions = extensions
    }

    private static func crossing(step: Int, outcome: Crossing.Outcome) -> Crossing {
        Crossing(
            step: step,
            route: Route(provider: "openai", endpoint: "127.0.0.1:8080", model: "smollm2-135m"),
            started: Timestamp(milliseconds: -1),
            sentAgainBytes: 1 << 20,
            newBytes: 345,
            requestDigest: .sha256(ByteBuffer(string: "request")),
            outcome: outcome
        )
    }
}

extension String {
    /// The bytes that a text of hexadecimal digits stands for.
    var hexBytes: [UInt8]? {
        let digits = compactMap(\.hexDigitValue)
        guard digits.count == count, count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
