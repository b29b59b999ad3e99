import NIOConcurrencyHelpers
import NIOCore
import Stateline
import StatelineMemory
import Testing

@testable import StatelineLoad
@testable import StatelineTesting

/// An auditor that finds nothing is worth what it finds where something is wrong: here are stores that do wrong.
@Suite struct AppendAuditorTests {
    private let key = SessionKey("audited", tenant: "one")
    private let other = SessionKey("audited", tenant: "two")

    private func write(_ count: Int, to keys: [SessionKey], _ store: some SessionStore) async throws {
        for key in keys {
            var writer = AuditedWriter(key)
            for _ in 0..<count { try await writer.append(to: store) }
        }
    }

    private func report(_ store: some SessionStore, _ count: Int = 4) async throws -> AuditReport {
        let auditor = AppendAuditor()
        try await write(count, to: [key, other], auditor.watching(store))
        return try await auditor.report(reading: store)
    }

    @Test func `a store that keeps its word is clean`() async throws {
        let auditor = AppendAuditor()
        let store = MemoryStore()
        let watched = auditor.watching(store)
        let keys = [key, other]
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask { try await self.write(10, to: [keys[task % 2]], watched) }
            }
            try await group.waitForAll()
        }
        let report = try await auditor.report(reading: store)
        #expect(report.isClean, "\(report)")
        #expect(report.isHonest)
        #expect(report.acknowledged == 80)
        #expect(report.sessions == 2)
        #expect(report.unknown == 0)
        #expect(report.reads > 0)
    }

    @Test func `a store that loses the newest batch at the end is found out`() async throws {
        let report = try await report(TailStore(MemoryStore()) { $0.dropLast() })
        #expect(report.lost > 0)
        #expect(report.duplicated + report.reordered + report.foreign == 0, "\(report)")
        #expect(report.admitted == 0)
    }

    @Test func `a store that leaves out a batch in the middle is found out`() async throws {
        let report = try await report(
            TailStore(MemoryStore()) { $0.enumerated().filter { $0.offset != 1 }.map(\.element) }
        )
        #expect(report.lost == 2, "\(report)")
        #expect(!report.isHonest)
    }

    @Test func `a store that shows a batch twice is found out`() async throws {
        let report = try await report(TailStore(MemoryStore()) { $0 + $0.suffix(1) })
        #expect(report.duplicated == 2, "\(report)")
        #expect(report.lost == 0)
    }

    @Test func `a store that turns batches round is found out`() async throws {
        let report = try await report(TailStore(MemoryStore()) { $0.reversed() })
        #expect(report.reordered > 0)
        #expect(report.lost + report.duplicated + report.foreign == 0, "\(report)")
    }

    @Test func `a store that mixes two tenants is found out`() async throws {
        let store = MixingStore(base: MemoryStore(), from: key, to: other)
        let report = try await report(store)
        #expect(report.foreign == 4, "\(report)")
        #expect(report.lost == 4)
        #expect(report.findings.contains { $0.contains("two/audited") })
    }

    @Test func `a store that changes what is in a batch is found out`() async throws {
        let report = try await report(
            TailStore(MemoryStore()) { batches in
                batches.map { batch in
                    var bytes = batch.bytes
                    let last = bytes.writerIndex - 40
                    bytes.setInteger(bytes.getInteger(at: last, as: UInt8.self)! ^ 1, at: last)
                    return (try? EncodedBatch(stored: bytes)) ?? batch
                }
            }
        )
        #expect(report.foreign == 8, "\(report)")
    }

    @Test func `a store that acknowledges and does not keep is found out by reads too`() async throws {
        let auditor = AppendAuditor()
        let store = MemoryStore()
        let watched = auditor.watching(store)
        try await write(3, to: [key], watched)
        // Another view of the store, one batch behind.
        let stale = auditor.watching(TailStore(store) { $0.dropLast() })
        _ = try await stale.load(key, after: nil)
        #expect(auditor.readings.lost == 1)
        let report = try await auditor.report(reading: store)
        #expect(report.lost == 1, "\(report)")
    }

    @Test func `two stores that each take a commit at the same place are found out`() async throws {
        let auditor = AppendAuditor()
        let (left, right) = (MemoryStore(), MemoryStore())
        var log = LogWriter(key)
        var batches: [(EncodedBatch, Position)] = []
        for text in ["one", "two"] {
            let position = log.position
            batches.append((log.append(.prompt(text)), position))
        }
        for store in [left, right] {
            for (batch, position) in batches {
                _ = try await auditor.watching(store).append(batch, to: key, expecting: position)
            }
        }
        for (store, text) in [(left, "left"), (right, "right")] {
            var branch = log
            _ = try await auditor.watching(store).append(branch.append(.prompt(text)), to: key, expecting: log.position)
        }
        let report = try await auditor.report(reading: left)
        #expect(report.duplicated == 2, "the first two were acknowledged as new twice: \(report)")
        #expect(report.lost == 1)
    }

    @Test func `what was refused may not be in the log`() async throws {
        let auditor = AppendAuditor()
        let store = MemoryStore()
        let liar = auditor.watching(LyingStore(base: store, lie: .no))
        var writer = AuditedWriter(key)
        for _ in 0..<2 { try await writer.append(to: liar) }
        await #expect(throws: StoreError.self) { try await writer.append(to: liar) }
        let report = try await auditor.report(reading: store)
        #expect(report.foreign == 1, "\(report)")
        #expect(report.acknowledged == 2)
    }

    @Test func `what has an unknown outcome may be in the log or not`() async throws {
        for isKept in [true, false] {
            let auditor = AppendAuditor()
            let store = MemoryStore()
            try await write(2, to: [key], auditor.watching(store))
            var log = LogWriter(key)
            guard case .tail(let batches) = try await store.load(key, after: nil) else {
                Issue.record("there is no log")
                return
            }
            log = LogWriter(key, incarnation: batches[0].position.incarnation)
            try log.follow(batches)
            let position = log.position
            let liar = auditor.watching(isKept ? LyingStore(base: store, lie: .unknown) : LyingStore(base: nil))
            await #expect(throws: StoreError.self) {
                _ = try await liar.append(log.append(.prompt("who knows")), to: self.key, expecting: position)
            }
            let report = try await auditor.report(reading: store)
            #expect(report.isClean, "\(report)")
            #expect(report.unknown == 1)
            #expect(report.acknowledged == 2)
        }
    }

    @Test func `a writer who begins anew after an unknown outcome is found out`() async throws {
        let auditor = AppendAuditor()
        let store = MemoryStore()
        let watched = auditor.watching(store)
        var log = LogWriter(key)
        let turn = TurnID.random()
        for revision in 0..<2 {
            let position = log.position
            var batch = Batch(revision == 0 ? .creation : .turn, turn: turn, created: .now())
            batch.entries = [.prompt("once")]
            _ = try await watched.append(log.append(batch), to: key, expecting: position)
        }
        let report = try await auditor.report(reading: store)
        #expect(report.duplicated == 1, "\(report)")
    }

    @Test func `a store that says what it lost is honest and not clean`() async throws {
        let auditor = AppendAuditor()
        try await write(3, to: [key], auditor.watching(MemoryStore()))
        let report = try await auditor.report(reading: MemoryStore())
        #expect(report.lost == 3)
        #expect(report.admitted == 3)
        #expect(report.isHonest)
        #expect(!report.isClean)
        #expect("\(report)".contains("lost 3 (3 admitted)"))
    }

    @Test func `a deletion loses nothing, and what comes back after it is foreign`() async throws {
        let auditor = AppendAuditor()
        let (store, before) = (MemoryStore(), MemoryStore())
        let watched = auditor.watching(TwinStore(base: store, twin: before))
        try await write(3, to: [key], watched)
        let result = try await watched.delete(key, expecting: nil)
        #expect(result == .deleted)
        let report = try await auditor.report(reading: store)
        #expect(report.isClean, "\(report)")
        let restored = try await auditor.report(reading: before)
        #expect(restored.foreign == 3, "\(restored)")
    }

    @Test func `a fork has its parent's batches up to where it parted, and its own`() async throws {
        let auditor = AppendAuditor()
        let store = MemoryStore()
        let watched = auditor.watching(store)
        var log = LogWriter(key)
        for text in ["one", "two"] {
            let position = log.position
            _ = try await watched.append(log.append(.prompt(text)), to: key, expecting: position)
        }
        let (fork, first) = log.fork(as: "branch")
        _ = try await watched.fork(key, at: log.position, to: fork.key, first: first)
        let position = log.position
        _ = try await watched.append(log.append(.prompt("beyond")), to: key, expecting: position)
        let report = try await auditor.report(reading: store)
        #expect(report.isClean, "\(report)")
        let broken = TailStore(store) { $0.count == 3 ? Array($0.dropFirst()) : $0 }
        let found = try await auditor.report(reading: broken)
        #expect(found.lost == 2, "of the parent and of the fork the first: \(found)")
    }

    @Test func `an auditor reads the journal of another process`() async throws {
        let lines = NIOLockedValueBox<[String]>([])
        let store = MemoryStore()
        let remote = AppendAuditor(journal: { line in lines.withLockedValue { $0.append(line) } })
        try await write(3, to: [key], remote.watching(store))
        let local = AppendAuditor()
        try await write(2, to: [key], local.watching(store))
        let before = try await local.report(reading: store)
        #expect(before.foreign == 3, "\(before)")
        for line in lines.withLockedValue(\.self) { #expect(local.record(line, of: 1)) }
        #expect(!local.record("anything else", of: 1))
        let report = try await local.report(reading: store)
        #expect(report.isClean, "\(report)")
        #expect(report.acknowledged == 5)
        let gone = try await local.report(reading: TailStore(store) { $0.dropFirst() })
        #expect(gone.lost == 1)
    }

    @Test func `each event comes back from its line`() throws {
        var log = LogWriter(SessionKey("an id with spaces\n", tenant: ""))
        let origin = log.position
        let name = BatchName(log.append(.prompt("x")))
        let events: [AuditEvent] = [
            .began(after: origin), .acknowledged(isNew: true), .acknowledged(isNew: false), .failed(.yes),
            .failed(.no), .failed(.unknown), .refused,
        ]
        for event in events {
            let line = AuditLine(key: log.key, name: name, event: event)
            #expect(AuditLine(line.description) == line)
            #expect(AuditLine(line.description.dropLast(2)) != line)
        }
    }
}

/// A store that shows something else than it has.
private struct TailStore: ForwardingStore {
    let base: any SessionStore
    let change: @Sendable ([EncodedBatch]) -> any Sequence<EncodedBatch>

    init(_ base: any SessionStore, _ change: @escaping @Sendable ([EncodedBatch]) -> any Sequence<EncodedBatch>) {
        self.base = base
        self.change = change
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let result = try await base.load(key, after: position)
        guard case .tail(let batches) = result else { return result }
        return .tail(change(batches).map { $0 })
    }
}

/// A store that gives one session's log for another one's.
private struct MixingStore: ForwardingStore {
    let base: any SessionStore
    let from: SessionKey
    let to: SessionKey

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        // A writer's first look finds nothing yet.
        guard key == to, case .tail = try await base.load(key, after: position) else {
            return try await base.load(key, after: position)
        }
        return try await base.load(from, after: position)
    }
}

/// A store that commits, and says otherwise of the third batch and what follows.
private struct LyingStore: ForwardingStore {
    let base: any SessionStore
    var lie: StoreError.Committed?

    init(base: (any SessionStore)?, lie: StoreError.Committed = .unknown) {
        self.base = base ?? MemoryStore()
        self.lie = lie
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let result = try await base.append(batch, to: key, expecting: position)
        guard let lie, batch.position.revision >= 3 else { return result }
        throw StoreError(.unavailable, committed: lie, message: "a lie")
    }
}

/// A store and another one that is told everything but deletions.
private struct TwinStore: ForwardingStore {
    let base: any SessionStore
    let twin: any SessionStore

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        _ = try await twin.append(batch, to: key, expecting: position)
        return try await base.append(batch, to: key, expecting: position)
    }
}
