import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// Logs whose digests are right and whose batches claim what is not so.
@Suite struct ClaimTests {
    private static let key = SessionKey("thread-42", tenant: "acme")

    private static func batch(_ entries: Entry..., view: Batch.View? = nil) -> Batch {
        var batch = Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 0))
        batch.entries = entries
        batch.view = view
        return batch
    }

    /// A log of five entries in three batches, and a further batch whose head is changed after it was made.
    private static func log(_ last: Batch, _ change: (inout Head) -> Void = { _ in }) -> [EncodedBatch] {
        var writer = LogWriter(key)
        var log = [
            writer.append(.instructions("i")), writer.append(.prompt("0"), .response("1")),
            writer.append(.prompt("2"), .response("3")),
        ]
        var head = writer.head
        let previous = head.position
        head.position = Position(
            incarnation: previous.incarnation,
            revision: previous.revision.next,
            digest: previous.digest
        )
        head.totals = head.totals.adding(last)
        if last.view != nil { head.view.revision = head.revision }
        head.view.entries += last.entries.count
        change(&head)
        log.append(EncodedBatch(last, head: head, after: previous))
        return log
    }

    private static func fold(_ log: [EncodedBatch]) throws -> Snapshot {
        try Snapshot.folding(log, of: key, dialect: EntryDialect())
    }

    @Test func `an honest batch is taken`() throws {
        #expect(try Self.fold(Self.log(Self.batch(.prompt("4")))).transcript.count == 6)
        let view = Batch.View(base: 2, kept: 2, ranges: [3..<5, 0..<1])
        let log = Self.log(Self.batch(view: view)) { $0.view.entries = 5 }
        #expect(try Self.fold(log).transcript.map(\.text) == ["i", "0", "2", "3", "i"])
    }

    @Test(
        arguments: [
            Batch.View(base: 0, kept: 0, ranges: [0..<7]),  // beyond the log
            Batch.View(base: 0, kept: 0, ranges: [6..<7]),
            Batch.View(base: 0, kept: 0, ranges: [0..<1 << 53 - 1]),
            Batch.View(base: 0, kept: 0, ranges: [0..<5, 0..<2]),  // more than the log holds
            Batch.View(base: 0, kept: 1),  // more than the base has
            Batch.View(base: 2, kept: 4),
            Batch.View(base: 4, kept: 1),  // a base that is not before it
            Batch.View(base: 5, kept: 1),
            Batch.View(base: Revision(rawValue: 1 << 53 - 1), kept: 0),
        ]
    )
    func `a view that cannot be is corrupt`(view: Batch.View) {
        let log = Self.log(Self.batch(.prompt("4"), view: view)) {
            $0.view.entries = view.kept + view.ranges.reduce(0) { $0 + $1.count }
        }
        #expect(throws: LogError.corrupt(4)) { try Self.fold(log) }
    }

    /// Changes of a head, each to what is not so.
    private static let lies: [@Sendable (inout Head) -> Void] = [
        { $0.totals.entries += 1 },
        { $0.totals.entries = BatchFormat.maximumCount },
        { $0.totals.crossings += 1 },
        { $0.totals.sentAgainBytes += 1 },
        { $0.totals.repeatedToolBytes += 1 },
        { $0.totals.newBytes += 1 },
        { $0.totals.receivedBytes += 1 },
        { $0.totals.sentAgainTokens += 1 },
        { $0.totals.newTokens += 1 },
        { $0.totals.cachedTokens += 1 },
        { $0.totals.outputTokens += 1 },
        { $0.view.revision = 4 },
        { $0.view.revision = Revision(rawValue: 1 << 53 - 1) },
        { $0.view.entries -= 1 },
        { $0.view.entries += 1 },
        { $0.view.sentEntries = 7 },
        { head in
            let position = head.position
            head.position = Position(incarnation: .random(), revision: position.revision, digest: position.digest)
        },
    ]

    @Test(arguments: lies.indices)
    func `a head that claims what is not so is corrupt`(lie: Int) {
        let log = Self.log(Self.batch(.prompt("4")), Self.lies[lie])
        #expect(throws: LogError.corrupt(4)) { try Self.fold(log) }
    }

    @Test(arguments: lies.indices)
    func `a head that claims what is not so is corrupt to a reader of heads`(lie: Int) throws {
        let log = Self.log(Self.batch(.prompt("4")), Self.lies[lie])
        let base = try Self.fold(Array(log.prefix(2))).end
        #expect(throws: LogError.corrupt(4)) { try base.following(Array(log[2...])) }
    }

    @Test func `a reader of heads takes honest batches`() throws {
        let view = Batch.View(base: 2, kept: 2, ranges: [3..<5, 0..<1])
        for log in [Self.log(Self.batch(.prompt("4"))), Self.log(Self.batch(view: view)) { $0.view.entries = 5 }] {
            let base = try Self.fold(Array(log.prefix(2))).end
            #expect(try base.following(Array(log[2...])).head == Self.fold(log).head)
        }
    }

    @Test(
        arguments: [
            Batch.View(base: 0, kept: 0, ranges: [0..<7]),  // beyond the log
            Batch.View(base: 0, kept: 0, ranges: [0..<5, 0..<2]),  // more than the log holds
            Batch.View(base: 0, kept: 1),  // more than the base has
            Batch.View(base: 4, kept: 1),  // a base that is not before it
            Batch.View(base: Revision(rawValue: 1 << 53 - 1), kept: 0),
        ]
    )
    func `a view that cannot be is corrupt to a reader of heads`(view: Batch.View) throws {
        let log = Self.log(Self.batch(.prompt("4"), view: view)) {
            $0.view.entries = view.kept + view.ranges.reduce(0) { $0 + $1.count }
        }
        let base = try Self.fold(Array(log.prefix(2))).end
        #expect(throws: LogError.corrupt(4)) { try base.following(Array(log[2...])) }
    }

    @Test func `calls are not recorded after a head that claims what is not so`() async throws {
        let store = MemoryStore()
        let boundary = Boundary(store: DownStore(store))
        let session = try await boundary.session("s")
        var turn = try await session.checkout("dropped")
        try turn.start()
        var head = session.snapshot.head
        let base = head.position
        head.position = Position(incarnation: base.incarnation, revision: 2, digest: base.digest)
        head.totals.crossings += 1
        let liar = EncodedBatch(Self.batch(), head: head, after: base)
        guard case .committed = try await store.append(liar, to: session.key, expecting: base) else {
            throw TestError()
        }
        _ = consume turn
        #expect(await !session.flushLedger())
        #expect(boundary.unrecordedCalls.waiting == 1)
        guard case .tail(let log) = try await store.load(session.key, after: nil) else { throw TestError() }
        #expect(log.count == 2)
    }

    @Test func `a fork whose parent does not stand where the log stands is corrupt`() throws {
        let honest = Self.log(Self.batch())
        let parent = try Self.fold(Array(honest.dropLast()))
        let there = Batch.Ancestor(id: "root", position: parent.position)
        let elsewhere = Batch.Ancestor(id: "root", position: honest[0].position)
        for (ancestor, isRight) in [(there, true), (elsewhere, false)] {
            var batch = Self.batch()
            batch.parent = ancestor
            var head = parent.head
            head.position = Position(incarnation: .random(), revision: 4, digest: parent.position.digest)
            let fork = EncodedBatch(batch, head: head, after: parent.position)
            #expect(((try? parent.following([fork])) != nil) == isRight, "\(ancestor)")
        }
    }

    @Test func `sums of calls stop at their bound in the writer and in every reader`() throws {
        var batch = Self.batch()
        let crossing = Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: .max,
            newBytes: -1,
            requestDigest: .zero,
            outcome: .cancelled
        )
        batch.crossings = Array(repeating: crossing, count: 2000)
        var writer = LogWriter(Self.key)
        let log = [writer.append(batch), writer.append(batch)]
        #expect(writer.head.totals.sentAgainBytes == BatchFormat.maximumCount)
        #expect(writer.head.totals.newBytes == 0)
        #expect(try Self.fold(log).head == writer.head)
    }

    @Test func `the logs to begin with are taken whole`() throws {
        for seed in LogTrial.seeds { #expect(try LogTrial.check(seed) > 2) }
    }

    @Test func `a batch whose head names another revision is refused`() throws {
        let body: [UInt8] = [2] + Array(repeating: 0, count: 24)
        let isRevision: UInt8 = 16
        for bits in UInt8(0)..<64 {
            let input = [0, UInt8(body.count), 1] + body + [isRevision, bits]
            #expect(try LogTrial.check(input) == (bits == 0 ? 1 : 0), "\(bits)")
        }
    }

    /// 2,000 logs, each folded as a session is, and as arrays.
    @Test func `changed logs are taken or refused as the plain log takes and refuses them`() throws {
        var (generator, seed) = SeededGenerator.printed(for: "changed logs")
        var taken: [Int: Int] = [:]
        for round in 0..<2_000 {
            guard var input = LogTrial.seeds.randomElement(using: &generator) else { return }
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                Self.change(&input, &generator)
            }
            do { taken[try LogTrial.check(input), default: 0] += 1 } catch {
                Issue.record("seed \(seed), round \(round): \(error): \(input)")
                return
            }
        }
        #expect(taken.keys.count > 4, "seed \(seed): \(taken)")
    }

    /// Changes, removes or repeats some bytes.
    private static func change(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard let index = bytes.indices.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(.random(in: .min ... .max, using: &generator), at: index)
        case 2: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
        case 3: bytes[index] = [0, 1, 63, 64, 127, 128, 254, 255].randomElement(using: &generator) ?? 0
        default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
    }
}
