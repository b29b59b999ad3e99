import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What a scheme that compares less would accept.
@Suite struct RedisStoreLaxityTests {
    private let key = SessionKey("session")

    @Test func `the holder of what a server lost is told, although others are at its revision again`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (writer, batches) = try await store.write(3, to: key)
            // The server falls back to here.
            let saved = try fixture.saveKeys(of: key)
            var holder = writer
            for text in ["4", "5"] { try await store.commit(text, to: &holder) }
            try fixture.restoreKeys(saved)
            for text in ["other 4", "other 5"] { batches.append(try await store.commit(text, to: &writer)) }
            let lost = holder.position
            let fork = holder.fork(as: "fork")
            let sixth = holder.append(.prompt("6"))
            let append = try await store.append(sixth, to: key, expecting: lost)
            #expect(append == .regressed)
            let warm = try await store.load(key, after: lost)
            #expect(warm == .regressed)
            let forked = try await store.fork(key, at: lost, to: fork.log.key, first: fork.first)
            #expect(forked == .regressed)
            let deletion = try await store.delete(key, expecting: lost)
            #expect(deletion == .stale)
            let cold = try await store.load(key, after: nil)
            #expect(cold == .tail(batches))
        }
    }

    @Test func `a late commit and a late creation do not bring back what was deleted`() async throws {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(retention: .seconds(60))
            var late = LogWriter(key)
            let origin = late.position
            let creation = late.append(.prompt("creation"))
            let created = try await store.append(creation, to: key, expecting: origin)
            #expect(created == .committed(.primary))
            let position = late.position
            let commit = late.append(.prompt("commit"))
            _ = try await store.delete(key, expecting: nil)
            for (batch, expected) in [(creation, origin), (commit, position)] {
                let result = try await store.append(batch, to: key, expecting: expected)
                #expect(result == .gone(.deleted))
            }
            try fixture.server.advance(by: .seconds(60))
            let (_, batches) = try await store.write(2, to: key, text: "another life")
            for (batch, expected) in [(creation, origin), (commit, position)] {
                let result = try await store.append(batch, to: key, expecting: expected)
                #expect(result == .regressed)
            }
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    @Test func `a creator that loses does not touch the winner's time`() async throws {
        try await StoreFixture.run { fixture in
            let winner = fixture.store(.idle(.seconds(30 * 86_400)))
            _ = try await winner.write(1, to: key)
            let before = try ["g", "l"].map { try fixture.command("PEXPIRETIME", $0, on: key) }
            var loser = LogWriter(key)
            let origin = loser.position
            let first = loser.append(.prompt("loser"))
            let result = try await fixture.store(.idle(.seconds(1))).append(first, to: key, expecting: origin)
            #expect(result == .regressed)
            #expect(try ["g", "l"].map { try fixture.command("PEXPIRETIME", $0, on: key) } == before)
        }
    }

    @Test func `what is refused touches nothing`() async throws {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(.idle(.seconds(60)))
            let (writer, batches) = try await store.write(3, to: key)
            var diverged = LogWriter(key)
            let origin = diverged.position
            let other = diverged.append(.prompt("other"))
            let apart = diverged.position
            let late = diverged.append(.prompt("late"))
            var beyond = writer
            beyond.append(.prompt("beyond"))
            let ahead = beyond.position
            let next = beyond.append(.prompt("next"))
            let before = try fixture.saveKeys(of: key)
            try fixture.server.advance(by: .seconds(30))
            let attempts = [
                try await store.append(other, to: key, expecting: origin),
                try await store.append(late, to: key, expecting: apart),
                try await store.append(next, to: key, expecting: ahead),
                try await store.append(batches[1], to: key, expecting: batches[0].position),
            ]
            #expect(attempts == [.regressed, .regressed, .regressed, .duplicate(.primary)])
            _ = try await store.load(key, after: nil)
            _ = try await store.load(key, after: batches[0].position)
            _ = try await store.delete(key, expecting: batches[0].position)
            #expect(try fixture.saveKeys(of: key) == before)
        }
    }

    @Test func `an answer that no script gives leaves the outcome unknown`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            func expectUnavailable<R>(_ committed: StoreError.Committed, _ body: () async throws -> R) async {
                let error = await #expect(throws: StoreError.self) { _ = try await body() }
                #expect(error?.reason == .unavailable)
                #expect(error?.committed == committed)
            }
            var (writer, batches) = try await store.write(2, to: key)
            let (other, _) = try await store.write(1, to: SessionKey("other"))
            for reply in [
                RESPValue.text("Z"), .bytes(ByteBuffer()), .null, .integer(1), .status("OK"), .array([]),
            ] {
                fixture.sender.changeNext { _ in reply }
                var longer = writer
                let batch = longer.append(.prompt("turn"))
                await expectUnavailable(.unknown) { try await store.append(batch, to: key, expecting: writer.position) }
                let result = try await store.append(batch, to: key, expecting: writer.position)
                #expect(result == .duplicate(.primary))
                writer = longer
                batches.append(batch)
                fixture.sender.changeNext { _ in reply }
                await expectUnavailable(.no) { try await store.load(key, after: writer.position) }
                fixture.sender.changeNext { _ in reply }
                await expectUnavailable(.no) { try await store.load(key, after: nil) }
                let cold = try await store.load(key, after: nil)
                #expect(cold == .tail(batches))
            }
            let result = try await store.load(other.key, after: other.position)
            #expect(result == .current)
        }
    }
}

/// What a server holds of a session, as it dumps it, and until when.
struct SavedKeys: Hashable, Sendable {
    var values: [ByteBuffer: ByteBuffer] = [:]
    var ends: [ByteBuffer: String] = [:]
}

extension StoreFixture {
    /// Reads the two keys of a session.
    func saveKeys(of key: SessionKey) throws -> SavedKeys {
        let keys = StoredKeys(key)
        var saved = SavedKeys()
        for name in [keys.guardKey, keys.logKey].map(ByteBuffer.init(string:)) {
            let replies = try server.replies(to: [
                [ByteBuffer(string: "DUMP"), name], [ByteBuffer(string: "PEXPIRETIME"), name],
            ])
            if case .bytes(let value) = replies[0] { saved.values[name] = value }
            saved.ends[name] = replies[1].text
        }
        return saved
    }

    /// Brings keys back as they were, as a server does that has lost what came after.
    func restoreKeys(_ saved: SavedKeys) throws {
        for (name, value) in saved.values {
            let replies = try server.replies(to: [
                [ByteBuffer(string: "RESTORE"), name, ByteBuffer(string: "0"), value, ByteBuffer(string: "REPLACE")]
            ])
            #expect(replies == [.status("OK")])
        }
    }
}
