import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// Sessions whose master key changes while they are used.
@Suite struct KeyRotationTests {
    /// A provider whose ring can be exchanged.
    final class Keys: KeyRingProvider {
        private let state: Mutex<(ring: KeyRing?, destroyed: [SessionKey], fails: Bool)>

        init(_ ring: KeyRing?) { state = Mutex((ring, [], false)) }

        var destroyed: [SessionKey] { state.withLock { $0.destroyed } }
        func replace(_ ring: KeyRing?) { state.withLock { $0.ring = ring } }
        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
        func keyRing(of key: SessionKey) -> KeyRing? { state.withLock { $0.ring } }

        func destroyKeys(of key: SessionKey) async throws {
            try state.withLock { state in
                guard !state.fails else { throw TestError() }
                state.destroyed.append(key)
            }
        }
    }

    static let key = SessionKey("s")
    let old = EncryptionKey.random(id: 1)
    let new = EncryptionKey.random(id: 2)
    let store = MemoryStore()

    /// Opens the session as another process does.
    func open(_ keys: (any KeyRingProvider)?, _ key: SessionKey = key) async throws -> ModelSession {
        try await Boundary(store: store, keys: keys).session(key, model: LineModel([]), opening: .resume)
    }

    func begin(_ keys: any KeyRingProvider) async throws -> ModelSession {
        let session = try await Boundary(store: store, keys: keys).session(Self.key, model: LineModel([]))
        try await session.respond(to: "one")
        return session
    }

    @Test func `a session of another process is opened with the ring, and not without`() async throws {
        let session = try await begin(KeyRing(old))
        let other = try await open(KeyRing(old))
        #expect(other.transcript == session.transcript)
        await #expect(throws: SessionError.sealed(Self.key, 1, .keyRequired(id: 1))) { try await open(nil) }
        await #expect(throws: SessionError.sealed(Self.key, 1, .unknownKey(id: 1))) { try await open(KeyRing(new)) }
        await #expect(throws: SessionError.sealed(Self.key, 1, .notAuthentic)) {
            try await open(KeyRing(.random(id: 1)))
        }
        await #expect(throws: SessionError.sealed(Self.key, 0, .noKeyRing)) {
            try await open(TenantKeyRings { _ in nil })
        }
    }

    @Test func `a cache that is shared does not replace the keys`() async throws {
        let cache = MemoryCache()
        func boundary(_ keys: (any KeyRingProvider)?) -> Boundary {
            Boundary(store: store as any SessionStore, cache: cache, keys: keys)
        }
        let session = try await boundary(KeyRing(old)).session(Self.key, model: LineModel([]))
        try await session.respond(to: "one")
        for keys in [nil, KeyRing(new), KeyRing(.random(id: 1))] as [KeyRing?] {
            await #expect(throws: SessionError.self) {
                try await boundary(keys).session(Self.key, model: LineModel([]), opening: .resume)
            }
        }
        let again = try await boundary(KeyRing(new, old)).session(Self.key, model: LineModel([]), opening: .resume)
        #expect(again.transcript == session.transcript)
    }

    @Test func `no session is created without a key ring`() async throws {
        let boundary = Boundary(store: store, keys: TenantKeyRings { _ in nil })
        await #expect(throws: SessionError.sealed(Self.key, 0, .noKeyRing)) {
            try await boundary.session(Self.key, model: LineModel([]))
        }
        #expect(try await store.load(Self.key, after: nil) == .gone(.absent))
    }

    @Test func `a tenant's session is not opened with another tenant's key`() async throws {
        let (first, second) = (KeyRing(old), KeyRing(.random(id: 1)))
        let keys = TenantKeyRings { $0 == "a" ? first : $0 == "b" ? second : nil }
        let (a, b) = (SessionKey("s", tenant: "a"), SessionKey("s", tenant: "b"))
        for key in [a, b] {
            let session = try await Boundary(store: store, keys: keys).session(key, model: LineModel([]))
            try await session.respond(to: "one")
            #expect(try await open(keys, key).transcript.count == 2)
        }
        await #expect(throws: SessionError.sealed(b, 1, .notAuthentic)) { try await open(first, b) }
    }

    @Test func `old and new key read both, and the next turn is under the new one`() async throws {
        let keys = Keys(KeyRing(old))
        let session = try await begin(keys)
        keys.replace(KeyRing(new, old))
        #expect(try await open(keys).transcript.count == 2)
        let answer = try await session.respond(to: "two")
        #expect(answer.trace.storeRoundTrips == 1)
        try await session.respond(to: "three")
        #expect(try await open(KeyRing(new)).transcript == session.transcript)
        await #expect(throws: SessionError.sealed(Self.key, 3, .unknownKey(id: 2))) { try await open(KeyRing(old)) }
    }

    @Test func `a session without turns is brought under the new key while it is used elsewhere`() async throws {
        let keys = Keys(KeyRing(old))
        let session = try await begin(keys)
        var turn = try await session.checkout("two")
        try turn.append(Answer.text("ok"))
        keys.replace(KeyRing(new, old))
        let operations = Boundary(store: store, keys: keys)
        #expect(try await operations.rekey(Self.key))
        #expect(try await !operations.rekey(Self.key))
        _ = try await turn.commit()
        let newOnly = try await open(KeyRing(new))
        #expect(newOnly.transcript.map(\.text).suffix(2) == ["two", "ok"])
        #expect(newOnly.transcript.count == 4)
        try await newOnly.respond(to: "three")
        try await session.respond(to: "four")
        #expect(try await open(KeyRing(new)).transcript == session.transcript)
    }

    @Test func `racing rekeys and turns leave a session that the new key opens`() async throws {
        let keys = Keys(KeyRing(old))
        _ = try await begin(keys)
        keys.replace(KeyRing(new, old))
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    if number.isMultiple(of: 2) {
                        try await Boundary(store: store, keys: keys).rekey(Self.key)
                    } else {
                        let session = try await open(keys)
                        do throws(SessionError) { try await session.respond(to: "\(number)") } catch {
                            guard let draft = error.draft else { throw error }
                            try await session.commit(draft)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await open(KeyRing(new)).transcript.count == 10)
    }

    @Test func `a session without encryption is encrypted from a rekey on`() async throws {
        let plain = try await Boundary(store: store).session(Self.key, model: LineModel([]))
        try await plain.respond(to: "one")
        let ring = KeyRing(old, allowsPlaintext: true)
        #expect(try await Boundary(store: store, keys: ring).rekey(Self.key))
        let session = try await open(ring)
        try await session.respond(to: "a marker")
        guard case .tail(let log) = try await store.load(Self.key, after: nil) else { throw TestError() }
        #expect(log.show("one") && !log.show("marker"))
        // The handle without keys can neither read nor write any more.
        await #expect(throws: SessionError.self) { try await plain.respond(to: "plain") }
        #expect(try await open(ring).transcript == session.transcript)
    }

    @Test func `forks and forks of forks are opened, also if they changed their key`() async throws {
        let keys = Keys(KeyRing(old))
        let root = try await begin(keys)
        let fork = try await root.fork(as: "fork")
        try await fork.respond(to: "in the fork")
        keys.replace(KeyRing(new, old))
        let deeper = try await fork.fork(at: 2, as: "deeper")
        try await deeper.respond(to: "deeper")
        try await root.respond(to: "in the root")
        for session in [root, fork, deeper] {
            #expect(try await open(keys, session.key).transcript == session.transcript)
        }
        #expect(try await open(KeyRing(new), deeper.key).transcript.map(\.text).contains("deeper"))
        await #expect(throws: SessionError.sealed(fork.key, 1, .unknownKey(id: 1))) {
            try await open(KeyRing(new), fork.key)
        }
        #expect(try await fork.ledger().count == 2)
    }

    @Test func `a fork at a revision before a change of the key is opened with the new one`() async throws {
        let keys = Keys(KeyRing(old))
        let root = try await begin(keys)
        keys.replace(KeyRing(new, old))
        try await root.respond(to: "two")
        let fork = try await root.fork(at: 2, as: "fork")
        try await fork.respond(to: "in the fork")
        let again = try await open(KeyRing(new), fork.key)
        #expect(again.transcript == fork.transcript)
        #expect(again.transcript.count == 4)
    }

    @Test func `a session that was rewound, forked and compacted shows the same with keys and without`() async throws {
        var transcripts: [[String]] = []
        for keys in [nil, KeyRing(old)] as [KeyRing?] {
            let store = MemoryStore()
            func open(_ key: SessionKey) async throws -> ModelSession {
                try await Boundary(store: store, keys: keys).session(key, model: LineModel([]))
            }
            let session = try await open(Self.key)
            for number in 0..<6 { try await session.respond(to: "\(number)") }
            try await session.rewind(to: 3)
            try await session.respond(to: "after the rewind")
            let fork = try await session.fork(at: 5, as: "fork")
            try await fork.respond(to: "in the fork")
            try await session.rewind(to: 6)
            for key in [Self.key, fork.key] { transcripts.append(try await open(key).transcript.map(\.text)) }
        }
        #expect(transcripts[0] == transcripts[2] && transcripts[1] == transcripts[3])
    }

    @Test func `calls of failed turns are recorded under the key of the time`() async throws {
        let keys = Keys(KeyRing(old))
        let session = try await begin(keys)
        var turn = try await session.checkout("dropped")
        try turn.start()
        _ = consume turn
        keys.replace(KeyRing(new, old))
        try await Boundary(store: store, keys: keys).rekey(Self.key)
        #expect(await session.flushLedger())
        #expect(try await open(KeyRing(new)).ledger().count == 2)
        try await session.respond(to: "two")
        #expect(try await open(KeyRing(new)).transcript == session.transcript)
    }

    @Test func `a session that lost its ring continues while it is open`() async throws {
        let keys = Keys(KeyRing(old))
        let session = try await begin(keys)
        keys.replace(nil)
        try await session.respond(to: "two")
        await #expect(throws: SessionError.sealed(Self.key, 0, .noKeyRing)) { try await open(keys) }
        #expect(try await open(KeyRing(old)).transcript == session.transcript)
    }

    @Test func `an erased session is deleted, and its keys are destroyed`() async throws {
        let keys = Keys(KeyRing(old))
        let cache = MemoryCache()
        let boundary = Boundary(store: store, cache: cache, keys: keys)
        let session = try await boundary.session(Self.key, model: LineModel([]))
        try await session.respond(to: "one")
        try await boundary.erase(Self.key)
        #expect(keys.destroyed == [Self.key])
        #expect(try await store.load(Self.key, after: nil) == .gone(.deleted))
        await #expect(throws: SessionError.gone(Self.key, .deleted)) {
            try await boundary.session(Self.key, model: LineModel([]), opening: .resume)
        }
        await #expect(throws: SessionError.gone(Self.key, .deleted)) { try await boundary.erase(Self.key) }
        #expect(keys.destroyed == [Self.key, Self.key])
    }

    @Test func `an erasure whose keys are not destroyed says so, and can be repeated`() async throws {
        let keys = Keys(KeyRing(old))
        let session = try await begin(keys)
        keys.fail(true)
        await #expect(throws: SessionError.sealed(Self.key, 0, .keysNotDestroyed)) {
            try await Boundary(store: store, keys: keys).erase(session.key)
        }
        keys.fail(false)
        await #expect(throws: SessionError.gone(Self.key, .deleted)) {
            try await Boundary(store: store, keys: keys).erase(session.key)
        }
        #expect(keys.destroyed == [Self.key])
    }
}
