import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

/// An auditor that forgets the batches of sessions that have ended finds what it found before.
///
/// Two auditors watch the same, and only one is told that sessions have ended.
@Suite struct EndedSessionTests {
    typealias Counts = [Int]

    let key = SessionKey("ended", tenant: "one")
    let other = SessionKey("ended", tenant: "two")
    let store = MemoryStore()
    let whole = AppendAuditor()
    let brief = AppendAuditor()

    func watched(_ store: some SessionStore) -> some SessionStore {
        whole.watching(brief.watching(store))
    }

    func write(_ count: Int = 5) async throws {
        for key in [key, other] {
            var writer = AuditedWriter(key)
            for _ in 0..<count { try await writer.append(to: watched(store)) }
        }
    }

    func end(_ keys: SessionKey...) {
        for key in keys { brief.ended(key) }
    }

    func log(_ key: SessionKey) async throws -> [EncodedBatch] {
        guard case .tail(let batches) = try await store.load(key, after: nil) else { return [] }
        return batches
    }

    /// Follows a session's log as another writer would.
    func writer(_ key: SessionKey) async throws -> LogWriter {
        let batches = try await log(key)
        var log = LogWriter(key, incarnation: try #require(batches.first).position.incarnation)
        try log.follow(batches)
        return log
    }

    /// What the auditor that was told finds: lost, duplicated, reordered, foreign.
    func found(_ store: some SessionStore, isExact: Bool = true) async throws -> Counts {
        let (whole, brief) = (try await whole.report(reading: store), try await brief.report(reading: store))
        #expect(whole.isClean == brief.isClean && whole.isHonest == brief.isHonest, "\(whole) \(brief)")
        #expect(brief.acknowledged == whole.acknowledged && brief.unknown == whole.unknown)
        #expect(brief.reads == whole.reads && brief.sessions == whole.sessions)
        if isExact { #expect(brief.counts == whole.counts && brief.admitted == whole.admitted, "\(whole) \(brief)") }
        return brief.counts
    }

    // MARK: Logs as they are at the end

    @Test func `of sessions that ended nothing is held, and clean ones are clean`() async throws {
        try await write()
        #expect(brief.held > 0)
        end(key, other)
        #expect(brief.held == 0)
        #expect(try await found(store) == [0, 0, 0, 0])
        #expect(try await brief.report(reading: store).acknowledged == 10)
    }

    /// How a store shows the one session's log of five batches, given that of the other.
    private static let damages: [(name: String, isExact: Bool, counts: [Int], show: Show)] = [
        ("the last is lost", true, [1, 0, 0, 0], { own, _ in own.dropLast() }),
        ("one in the middle is lost", true, [1, 0, 0, 0], { own, _ in own.filter { $0.position.revision != 3 } }),
        ("the first is lost", true, [1, 0, 0, 0], { own, _ in Array(own.dropFirst()) }),
        ("all are lost", true, [5, 0, 0, 0], { _, _ in [] }),
        ("two are swapped", false, [0, 0, 1, 0], { own, _ in [own[0], own[2], own[1], own[3], own[4]] }),
        ("the last comes twice", true, [0, 1, 0, 0], { own, _ in own + own.suffix(1) }),
        ("the first comes twice", true, [0, 1, 0, 0], { own, _ in own.prefix(1) + own }),
        ("the first is altered", true, [1, 0, 0, 1], { own, _ in [own[0].altered] + own.dropFirst() }),
        ("one is altered", true, [1, 0, 0, 1], { own, _ in own.map { $0.position.revision == 3 ? $0.altered : $0 } }),
        ("the last is altered", true, [1, 0, 0, 1], { own, _ in own.dropLast() + [own[4].altered] }),
        ("another session's comes last", true, [0, 0, 0, 1], { own, others in own + others.suffix(1) }),
        (
            "another session's takes a place", true, [1, 0, 0, 1],
            { own, others in own.prefix(2) + [others[2]] + own[3...] }
        ),
        ("it is another session's", true, [5, 0, 0, 5], { _, others in others }),
        ("one comes after the end", true, [0, 0, 0, 1], { own, _ in own + [sibling(own, after: 5)] }),
        ("another one is at the end", true, [1, 0, 0, 1], { own, _ in own.dropLast() + [sibling(own, after: 4)] }),
        ("another one is there, too", true, [0, 0, 0, 1], { own, _ in own + [sibling(own, after: 4)] }),
        (
            "another one is in the middle, too", true, [0, 0, 0, 1],
            { own, _ in own.prefix(4) + [sibling(own, after: 3), own[4]] }
        ),
        (
            "it went back and grew again", false, [1, 0, 0, 2],
            { own, _ in own.prefix(3) + grown(own, after: 3, by: 3) }
        ),
    ]

    private typealias Show = @Sendable ([EncodedBatch], [EncodedBatch]) -> [EncodedBatch]

    /// What somebody else would have appended after a revision.
    static func sibling(_ log: [EncodedBatch], after revision: Int) -> EncodedBatch {
        grown(log, after: revision, by: 1)[0]
    }

    private static func grown(_ log: [EncodedBatch], after revision: Int, by count: Int) -> [EncodedBatch] {
        var writer = LogWriter(SessionKey("ended", tenant: "one"), incarnation: log[0].position.incarnation)
        // A log that cannot be followed is one that the test made wrong.
        try! writer.follow(Array(log.prefix(revision)))
        return (0..<count).map { _ in writer.append(.prompt("by somebody else")) }
    }

    @Test(arguments: damages.indices)
    func `a damaged log of a session that ended is found out`(_ index: Int) async throws {
        let damage = Self.damages[index]
        try await write()
        end(key, other)
        #expect(brief.held == 0)
        let (own, others) = (try await log(key), try await log(other))
        let shown = damage.show(own, others)
        let damaged = ShowingStore(base: store, key: key) { .tail(shown) }
        #expect(try await found(damaged, isExact: damage.isExact) == damage.counts, "\(damage.name)")
    }

    @Test(arguments: [LoadResult.gone(.absent), .gone(.expired), .regressed, nil])
    func `what a store says that it lost of a session that ended is lost and admitted`(
        _ answer: LoadResult?
    ) async throws {
        try await write()
        end(key, other)
        let damaged = ShowingStore(base: store, key: key) { () throws(StoreError) in
            guard let answer else { throw StoreError(.corrupt, committed: .no, message: "a test's") }
            return answer
        }
        #expect(try await found(damaged) == [5, 0, 0, 0])
        #expect(try await brief.report(reading: damaged).admitted == 5)
    }

    @Test func `a writer who began anew is found out after the session ended`() async throws {
        var log = LogWriter(key)
        let turn = TurnID.random()
        for revision in 0..<2 {
            let position = log.position
            var batch = Batch(revision == 0 ? .creation : .turn, turn: turn, created: .now())
            batch.entries = [.prompt("once")]
            _ = try await watched(store).append(log.append(batch), to: key, expecting: position)
        }
        end(key)
        #expect(brief.held == 0)
        #expect(try await found(store) == [0, 1, 0, 0])
    }

    @Test(arguments: [true, false])
    func `what was refused may not be in the log of a session that ended`(_ isKept: Bool) async throws {
        try await write()
        var log = try await writer(key)
        let position = log.position
        let liar = watched(UncertainStore(base: store, isKept: isKept, committed: .no))
        await #expect(throws: StoreError.self) {
            _ = try await liar.append(log.append(.prompt("refused")), to: key, expecting: position)
        }
        end(key, other)
        #expect(brief.held == 0)
        #expect(try await found(store) == [0, 0, 0, isKept ? 1 : 0])
    }

    // MARK: Forks

    @Test func `a fork that ended has its parent's batches up to where it parted, and its own`() async throws {
        try await write(3)
        let log = try await writer(key)
        let (beyond, fork) = try await makeFork(of: log)
        end(key, other, fork)
        #expect(brief.held == 0)
        #expect(try await found(store) == [0, 0, 0, 0])
        // Its key is taken, and that changes nothing of what is known of it.
        let again = log.fork(as: "branch").first
        #expect(try await watched(store).fork(key, at: log.position, to: fork, first: again) == .taken)
        let own = try await self.log(fork)
        #expect(own.count == 5)
        let shows: [(counts: Counts, log: [EncodedBatch])] = [
            ([1, 0, 0, 0], Array(own.dropFirst())), ([1, 0, 0, 0], own.dropLast()), ([5, 0, 0, 0], []),
            ([1, 0, 0, 1], own.map { $0.position.revision == 2 ? $0.altered : $0 }),
            ([1, 0, 0, 1], own.map { $0.position.revision == 4 ? $0.altered : $0 }),
            ([0, 0, 1, 1], own + [beyond]),
        ]
        for (counts, shown) in shows {
            let damaged = ShowingStore(base: store, key: fork) { .tail(shown) }
            #expect(try await found(damaged) == counts)
        }
    }

    /// Makes a fork at the end, which goes on as its parent does.
    private func makeFork(of log: LogWriter) async throws -> (beyond: EncodedBatch, fork: SessionKey) {
        var (log, (branch, first)) = (log, log.fork(as: "branch"))
        let watched = watched(store)
        #expect(try await watched.fork(key, at: log.position, to: branch.key, first: first) == .forked)
        let (place, branchPlace) = (log.position, branch.position)
        let beyond = log.append(.prompt("beyond"))
        _ = try await watched.append(beyond, to: key, expecting: place)
        _ = try await watched.append(branch.append(.prompt("own")), to: branch.key, expecting: branchPlace)
        return (beyond, branch.key)
    }

    @Test(arguments: [2, 3]) func `a fork of a session that ended before is audited`(_ revision: Int) async throws {
        try await write(3)
        end(key, other)
        let batches = try await log(key)
        var log = LogWriter(key, incarnation: batches[0].position.incarnation)
        try log.follow(Array(batches.prefix(revision)))
        let (branch, first) = log.fork(as: "branch")
        #expect(try await watched(store).fork(key, at: log.position, to: branch.key, first: first) == .forked)
        #expect(try await found(store) == [0, 0, 0, 0])
        let own = try await self.log(branch.key)
        for (counts, shown) in [
            ([1, 0, 0, 0], Array(own.dropFirst())), ([1, 0, 0, 0], own.dropLast()),
            ([1, 0, 0, 1], [own[0].altered] + own.dropFirst()),
        ] {
            #expect(try await found(ShowingStore(base: store, key: branch.key) { .tail(shown) }) == counts)
        }
        end(key, branch.key)
        #expect(try await found(store) == [0, 0, 0, 0])
    }

    @Test func `a fork that went on from what was not in the log of a session that ended is found out`() async throws {
        try await write(3)
        end(key, other)
        let batches = try await log(key)
        var log = LogWriter(key, incarnation: batches[0].position.incarnation)
        try log.follow(Array(batches.prefix(1)))
        log.append(.prompt("somewhere else"))
        let (branch, first) = log.fork(as: "branch")
        let liar = brief.watching(AcknowledgingStore(base: store))
        #expect(try await liar.fork(key, at: log.position, to: branch.key, first: first) == .forked)
        end(key)
        #expect(try await brief.report(reading: store).foreign == 1)
    }
}

extension AuditReport {
    /// Lost, duplicated, reordered, foreign.
    var counts: [Int] { [lost, duplicated, reordered, foreign] }
}

extension EncodedBatch {
    /// The same with another byte in its content.
    var altered: EncodedBatch {
        var bytes = bytes
        let last = bytes.writerIndex - 2
        bytes.setInteger(bytes.getInteger(at: last, as: UInt8.self)! ^ 1, at: last)
        return (try? EncodedBatch(stored: bytes)) ?? self
    }
}
