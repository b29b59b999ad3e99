import Foundation
import LockFreeMap
import NIOConcurrencyHelpers
import Stateline
import StatelineTesting
import Testing

@testable import StatelineMemory

/// Loads that several callers share, and commits that are acknowledged between their steps.
@Suite(.serialized) struct SharedLoadTests {
    let key = SessionKey("session")
    let base = MemoryStore()
    /// A cache that holds nothing: each session is larger than it.
    let sessions: MemoryCache
    /// The store as sessions ask it.
    let cache: LogStore
    let boundary: Boundary

    init() {
        sessions = MemoryCache(byteLimit: 1)
        boundary = Boundary(store: base, cache: sessions)
        cache = LogStore(base, of: boundary)
    }

    private func write(_ count: Int) async throws -> LogWriter {
        var writer = LogWriter(key)
        for number in 0..<count {
            let position = writer.position
            let result = try await base.append(writer.append(.prompt("\(number)")), to: key, expecting: position)
            try #require(result == .committed(.memory))
        }
        return writer
    }

    private func snapshot() async throws -> Snapshot {
        guard case .tail(let batches) = try await base.load(key, after: nil) else { throw CancellationError() }
        return try Snapshot.folding(batches, of: key, dialect: Echo().dialect)
    }

    /// Takes a leader's steps until its reply is taken in, and does not tell the callers that wait for it.
    private func takeReply() async throws -> (load: SharedLoad, snapshot: Snapshot) {
        let place = ByteKey(key)
        guard case .leading(let load) = sessions.sessions.join(place) else { throw CancellationError() }
        let request = sessions.sessions.begin(place, load: load)
        let snapshot = try await snapshot()
        guard case .taken = sessions.sessions.settle(request, .session(snapshot)) else { throw CancellationError() }
        return (load, snapshot)
    }

    /// Opens the session; the leader tells the callers that wait once the opening has ended or has joined them.
    private func open(before load: SharedLoad, completesWith snapshot: Snapshot) async throws -> ModelSession {
        let hasEnded = NIOLockedValueBox(false)
        let opening = Task {
            defer { hasEnded.withLockedValue { $0 = true } }
            return try await boundary.session(key, model: Echo())
        }
        while load.waiterCount == 0, !hasEnded.withLockedValue({ $0 }) { await Task.yield() }
        sessions.sessions.complete(load, of: ByteKey(key), with: .loaded(snapshot))
        return try await opening.value
    }

    @Test(.timeLimit(.minutes(5)))
    func `a caller that comes after a load's reply does not miss a commit acknowledged before it`() async throws {
        var writer = try await write(2)
        let (load, snapshot) = try await takeReply()
        let position = writer.position
        let result = try await cache.append(writer.append(.prompt("since")), to: key, expecting: position)
        try #require(result == .committed(.memory))
        let session = try await open(before: load, completesWith: snapshot)
        #expect(session.transcript.map(\.text) == ["0", "1", "since"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a caller that comes after a load's reply does not open what was deleted before it`() async throws {
        _ = try await write(2)
        let (load, snapshot) = try await takeReply()
        #expect(try await cache.delete(key, expecting: nil) == .deleted)
        await #expect(throws: SessionError.gone(key, .deleted)) {
            try await open(before: load, completesWith: snapshot)
        }
    }

    @Test func `a load that lands does not end another one that was begun after its reply`() async throws {
        _ = try await write(2)
        let (load, snapshot) = try await takeReply()
        let place = ByteKey(key)
        guard case .leading(let next) = sessions.sessions.join(place) else {
            Issue.record("the load is joined after its reply")
            return
        }
        sessions.sessions.complete(load, of: place, with: .loaded(snapshot))
        guard case .following(let joined) = sessions.sessions.join(place) else {
            Issue.record("the later load is not shared")
            return
        }
        #expect(joined === next)
        sessions.sessions.complete(next, of: place, with: .loaded(snapshot))
    }

    @Test func `a late duplicate does not hide a later commit that was acknowledged and evicted`() async throws {
        let sessions = MemoryCache().comparing(base)
        let boundary = Boundary(store: base, cache: sessions)
        let cache = LogStore(base, of: boundary)
        var writer = try await write(1)
        let first = writer.position
        let retried = writer.append(.prompt("retried"))
        let second = writer.position
        // The reply to this attempt is lost, and another handle of this process is faster than the next one.
        _ = try await base.append(retried, to: key, expecting: first)
        let retriedSnapshot = try await snapshot()
        let result = try await cache.append(writer.append(.prompt("later")), to: key, expecting: second)
        try #require(result == .committed(.memory))
        _ = try sessions.sessions.entries.remove(ByteKey(key))
        #expect(try await cache.append(retried, to: key, expecting: first) == .duplicate(.memory))
        sessions.offer(retriedSnapshot)
        let session = try await boundary.session(key, model: Echo())
        #expect(session.transcript.map(\.text) == ["0", "retried", "later"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a cache that holds nothing keeps the contract's promise of fresh reads`() async throws {
        let contract = SessionStoreContract(
            cache,
            expiry: .declined(because: "sessions live for ever"),
            bound: .declined(because: "memory is endless")
        )
        try await contract.check(.freshReads)
    }

    // MARK: Stress

    /// Openings on processors that other threads keep busy, so that a leader is stopped between any two of its steps.
    ///
    /// `STATELINE_SECONDS` is how long it takes; without it, the test ends after 3,000 openings.
    @Test(.timeLimit(.minutes(5)))
    func `no opening is older than a commit acknowledged before it while processors are busy`() async throws {
        let seconds = ProcessInfo.processInfo.environment["STATELINE_SECONDS"].flatMap { Int($0) }
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        let race = OpeningRace()
        let spinners = (0..<6)
            .map { _ in
                let thread = Thread { while !race.isOver { for _ in 0..<1000 { race.spin() } } }
                thread.start()
                return thread
            }
        defer { race.end() }
        #expect(spinners.count == 6)
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    while !race.isOver {
                        let (key, floor) = race.floor
                        let session = try await boundary.session(key, model: Echo())
                        race.opened(isStale: session.snapshot.position.revision < floor)
                        if let end { if .now > end { race.end() } } else if race.counts.opened >= 3000 { race.end() }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                // A new session after 16 commits: a long log would make openings slow and seldom.
                for number in 0... where !race.isOver {
                    var writer = LogWriter(SessionKey("session \(number)"))
                    for _ in 0..<16 {
                        let position = writer.position
                        let batch = writer.append(.prompt("hello"))
                        let result = try await cache.append(batch, to: writer.key, expecting: position)
                        try #require(result == .committed(.memory))
                        race.acknowledged(writer.key, writer.position.revision)
                        await Task.yield()
                    }
                    if race.isOver { return }
                }
            }
            try await group.waitForAll()
        }
        let counts = race.counts
        print("SharedLoadTests: \(counts.opened) openings, \(counts.stale) stale")
        #expect(counts.stale == 0)
    }
}

/// The session that a committer writes, its newest acknowledged revision, and what readers found of it.
private final class OpeningRace: Sendable {
    private struct State {
        var key = SessionKey("none")
        var floor: Revision = 0
        var opened = 0
        var stale = 0
        var isOver = false
    }

    private let state = NIOLockedValueBox(State())
    private let spins = NIOLockedValueBox(0)

    var floor: (SessionKey, Revision) { state.withLockedValue { ($0.key, $0.floor) } }
    var counts: (opened: Int, stale: Int) { state.withLockedValue { ($0.opened, $0.stale) } }
    var isOver: Bool { state.withLockedValue { $0.isOver } }

    func spin() {
        spins.withLockedValue { $0 &+= 1 }
    }

    func acknowledged(_ key: SessionKey, _ revision: Revision) {
        state.withLockedValue { state in
            state.key = key
            state.floor = revision
        }
    }

    func opened(isStale: Bool) {
        state.withLockedValue { state in
            state.opened += 1
            if isStale { state.stale += 1 }
        }
    }

    func end() {
        state.withLockedValue { $0.isOver = true }
    }
}
