import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What others do to a session's keys.
@Suite struct RedisStoreDamageTests {
    private let key = SessionKey("session")

    /// Damages a session of five batches, and asks for it in every way.
    private func damaged(
        _ damage: (StoreFixture) throws -> Void,
        _ check: (RedisStore, LogWriter, [EncodedBatch]) async throws -> Void
    ) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, batches) = try await store.write(5, to: key)
            try damage(fixture)
            try await check(store, writer, batches)
        }
    }

    private func expectCorrupt<R>(_ what: String, _ body: () async throws -> R) async {
        await #expect("\(what)") {
            _ = try await body()
        } throws: {
            ($0 as? StoreError)?.reason == .corrupt && ($0 as? StoreError)?.committed == .no
        }
    }

    /// Whoever reads the log is told, and whoever writes to it where its size is not what it was.
    private func expectCorrupt(
        _ store: RedisStore,
        _ writer: LogWriter,
        _ batches: [EncodedBatch],
        isSizeChanged: Bool
    ) async throws {
        await expectCorrupt("cold load") { try await store.load(key, after: nil) }
        await expectCorrupt("load after the first batch") { try await store.load(key, after: batches[0].position) }
        guard isSizeChanged else { return }
        var longer = writer
        let batch = longer.append(.prompt("next"))
        await expectCorrupt("append") { try await store.append(batch, to: key, expecting: writer.position) }
        await expectCorrupt("append again") { try await store.append(batch, to: key, expecting: writer.position) }
        let fork = writer.fork(as: "fork")
        await expectCorrupt("fork") {
            try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
        }
        let result = try await store.load(fork.log.key, after: nil)
        #expect(result == .gone(.absent))
    }

    @Test(arguments: [
        "APPEND l x", "APPEND l xxxxxxxxxxxxxxxxxxxxxxxx", "SETRANGE l 100000 x", "SET l x",
    ])
    func `a log of another length is corrupt`(damage: String) async throws {
        try await damaged {
            try $0.apply(damage, to: key)
        } _: { store, writer, batches in
            try await expectCorrupt(store, writer, batches, isSizeChanged: true)
        }
    }

    @Test func `a batch in the place of another is corrupt`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, batches) = try await store.write(5, to: key)
            let (size, foreign) = (batches[4].bytes.readableBytes, batches[3].bytes)
            #expect(foreign.readableBytes == size)
            let end = batches.reduce(0) { $0 + $1.bytes.readableBytes + 8 }
            let replies = try fixture.server.replies(to: [
                [
                    ByteBuffer(string: "SETRANGE"), ByteBuffer(string: StoredKeys(key).logKey),
                    ByteBuffer(string: String(end - size - 4)), foreign,
                ]
            ])
            #expect(replies == [.integer(end)])
            try await expectCorrupt(store, writer, batches, isSizeChanged: false)
        }
    }

    /// One in the byte of the version is that of a version that is not known, for all that a reader can tell.
    @Test func `a flipped bit is corrupt, wherever in the log it is but in a version`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(3, to: key)
            let size = batches.reduce(0) { $0 + $1.bytes.readableBytes + 8 }
            let versions = batches.indices.map { batches[..<$0].reduce(4) { $0 + $1.bytes.readableBytes + 8 } }
            for byte in 0..<size {
                try fixture.command("SETBIT", "l", String(8 * byte + byte % 8), flip(fixture, byte), on: key)
                if versions.contains(byte) {
                    let error = await #expect(throws: StoreError.self) { _ = try await store.load(key, after: nil) }
                    #expect(error?.isUnreadable == true, "byte \(byte)")
                } else {
                    await expectCorrupt("byte \(byte)") { try await store.load(key, after: nil) }
                }
                try fixture.command("SETBIT", "l", String(8 * byte + byte % 8), flip(fixture, byte), on: key)
            }
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    private func flip(_ fixture: StoreFixture, _ byte: Int) throws -> String {
        try fixture.command("GETBIT", "l", String(8 * byte + byte % 8), on: key) == "1" ? "0" : "1"
    }

    @Test func `whatever bytes others write into a log, nobody gets what was not appended`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("RedisStoreDamageTests: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(6, to: key)
            let saved = try fixture.saveKeys(of: key)
            let size = batches.reduce(0) { $0 + $1.bytes.readableBytes + 8 }
            for round in 0..<150 {
                // Often the numbers around a batch, by which a log is walked.
                let ends = batches.indices.map { batches[...$0].reduce(0) { $0 + $1.bytes.readableBytes + 8 } }
                let end = ends.randomElement(using: &random) ?? size
                let place = Bool.random(using: &random) ? end - 4 : Int.random(in: 0..<size - 8, using: &random)
                let text = String((0..<4).map { _ in "\0\u{1}@~".randomElement(using: &random) ?? "x" })
                try fixture.command("SETRANGE", "l", String(place), text, on: key)
                for position in [nil] + batches.map(\.position) {
                    let from = Int(position?.revision.rawValue ?? 0)
                    do {
                        let result = try await store.load(key, after: position)
                        let truth: LoadResult = from == 6 ? .current : .tail(Array(batches[from...]))
                        #expect(result == truth || result == .regressed && from > 0, "round \(round), seed \(seed)")
                    } catch let error as StoreError {
                        let isTold = error.reason == .corrupt || error.isUnreadable
                        #expect(isTold, "round \(round), seed \(seed): \(error)")
                    }
                }
                try fixture.restoreKeys(saved)
            }
        }
    }

    @Test func `the revision that is damaged is named`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(5, to: key)
            let place = batches[..<3].reduce(0) { $0 + $1.bytes.readableBytes + 8 } + 60
            try fixture.command("SETRANGE", "l", String(place), "???", on: key)
            let error = await #expect(throws: StoreError.self) { _ = try await store.load(key, after: nil) }
            #expect(error?.message == "the session's log is corrupt at revision 4")
        }
    }

    @Test(arguments: ["g", "l"])
    func `a session that lost one of its keys is evicted, in every answer`(
        lost: String
    ) async throws {
        try await damaged {
            try $0.apply("DEL \(lost)", to: key)
        } _: { store, writer, batches in
            let cold = try await store.load(key, after: nil)
            #expect(cold == .gone(.evicted))
            let warm = try await store.load(key, after: writer.position)
            #expect(warm == .gone(.evicted))
            var longer = writer
            let batch = longer.append(.prompt("next"))
            let append = try await store.append(batch, to: key, expecting: writer.position)
            #expect(append == .gone(.evicted))
            var other = LogWriter(key)
            let origin = other.position
            let creation = try await store.append(other.append(.prompt("new")), to: key, expecting: origin)
            #expect(creation == .gone(.evicted))
            let fork = writer.fork(as: "fork")
            let forked = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            #expect(forked == .gone(.evicted))
            let page = try await store.list(key.tenant, cursor: nil, limit: 10)
            #expect(page.keys == [])
            let deletion = try await store.delete(key, expecting: nil)
            #expect(deletion == .gone(.evicted))
            let after = try await store.load(key, after: nil)
            #expect(after == .gone(.deleted))
        }
    }

    @Test func `a session that lost both of its keys is absent`() async throws {
        try await damaged {
            try $0.server.command(["FLUSHALL"])
        } _: { store, writer, batches in
            let cold = try await store.load(key, after: writer.position)
            #expect(cold == .gone(.absent))
            var longer = writer
            let batch = longer.append(.prompt("next"))
            let append = try await store.append(batch, to: key, expecting: writer.position)
            #expect(append == .gone(.absent))
        }
    }

    @Test(arguments: ["g", "l"])
    func `a key of another type is corrupt, and stays as it is`(changed: String) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, batches) = try await store.write(5, to: key)
            try fixture.command("DEL", changed, on: key)
            try fixture.command("RPUSH", changed, "x", on: key)
            try await expectCorrupt(store, writer, batches, isSizeChanged: true)
            #expect(try fixture.command("LRANGE", changed, "0", "-1", on: key) == "x")
        }
    }

    @Test(arguments: ["SETRANGE g 0 x", "SET g x", "APPEND g x"])
    func `an invalid guard is corrupt, and bytes after a valid one are ignored`(damage: String) async throws {
        try await damaged {
            try $0.apply(damage, to: key)
        } _: { store, writer, batches in
            guard !damage.hasPrefix("APPEND") else {
                let result = try await store.load(key, after: nil)
                return #expect(result == .tail(batches))
            }
            try await expectCorrupt(store, writer, batches, isSizeChanged: true)
        }
    }

    @Test func `a fork whose ancestor's log is lost is evicted, and not shorter`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, _) = try await store.write(3, to: key)
            var fork = writer.fork(as: "fork")
            let made = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            #expect(made == .forked)
            try await store.commit("more", to: &fork.log)
            try fixture.command("DEL", "l", on: key)
            let cold = try await store.load(fork.log.key, after: nil)
            #expect(cold == .gone(.evicted))
            let child = fork.log.fork(as: "child")
            let second = try await store.fork(
                fork.log.key,
                at: fork.log.position,
                to: child.log.key,
                first: child.first
            )
            #expect(second == .gone(.evicted))
        }
    }

    @Test func `a fork whose ancestor's log is changed is corrupt`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, _) = try await store.write(3, to: key)
            let fork = writer.fork(as: "fork")
            _ = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            try fixture.command("SETRANGE", "l", "80", "???", on: key)
            await expectCorrupt("cold load") { try await store.load(fork.log.key, after: nil) }
        }
    }
}

extension StoreFixture {
    fileprivate func apply(_ text: String, to key: SessionKey) throws {
        let words = text.split(separator: " ").map(String.init)
        let keys = StoredKeys(key)
        try server.command(words.map { ["g": keys.guardKey, "l": keys.logKey][$0] ?? $0 })
    }
}

extension StoreError {
    fileprivate var isUnreadable: Bool {
        if case .unreadable(.unknownVersion) = reason { true } else { false }
    }
}
