import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What a scheme that compares less would accept.
@Suite struct RedisStoreLaxityTests {
    private let key = SessionKey("session")

    @Test(arguments: LogLayout.allCases)
    func `the holder of what a server lost is told, although others are at its revision again`(
        layout: LogLayout
    ) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store()
            var (writer, batches) = try await store.write(3, to: key)
            // The server falls back to here.
            let saved = try bench.saveKeys(of: key)
            var holder = writer
            for text in ["4", "5"] { try await store.commit(text, to: &holder) }
            try bench.restoreKeys(saved)
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

    @Test(arguments: LogLayout.allCases)
    func `a late commit and a late creation do not bring back what was deleted`(layout: LogLayout) async throws {
        try await StoreBench.runTimed(layout: layout) { bench in
            let store = bench.store(retention: .seconds(60))
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
            try bench.server.advance(by: .seconds(60))
            let (_, batches) = try await store.write(2, to: key, text: "another life")
            for (batch, expected) in [(creation, origin), (commit, position)] {
                let result = try await store.append(batch, to: key, expecting: expected)
                #expect(result == .regressed)
            }
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `a creator that loses does not touch the winner's time`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let winner = bench.store(.idle(.seconds(30 * 86_400)))
            _ = try await winner.write(1, to: key)
            let before = try ["g", "l"].map { try bench.command("PEXPIRETIME", $0, on: key) }
            var loser = LogWriter(key)
            let origin = loser.position
            let first = loser.append(.prompt("loser"))
            let result = try await bench.store(.idle(.seconds(1))).append(first, to: key, expecting: origin)
            #expect(result == .regressed)
            #expect(try ["g", "l"].map { try bench.command("PEXPIRETIME", $0, on: key) } == before)
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `what is refused touches nothing`(layout: LogLayout) async throws {
        try await StoreBench.runTimed(layout: layout) { bench in
            let store = bench.store(.idle(.seconds(60)))
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
            let before = try bench.saveKeys(of: key)
            try bench.server.advance(by: .seconds(30))
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
            #expect(try bench.saveKeys(of: key) == before)
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `a reply to another request is noticed, and the request is asked again`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store()
            var (writer, batches) = try await store.write(2, to: key)
            let (other, _) = try await store.write(1, to: SessionKey("other"))
            // The answer of another session's commit, in the place of this one's.
            let foreign = ByteBuffer(integer: UInt64(1)).with("C")
            for reply in [
                RESPValue.bytes(foreign), .bytes(ByteBuffer()), .null, .integer(1), .status("OK"), .array([]),
            ] {
                bench.sender.changeNext { _ in reply }
                var longer = writer
                let batch = longer.append(.prompt("turn"))
                let result = try await store.append(batch, to: key, expecting: writer.position)
                #expect(result == .duplicate(.primary))
                writer = longer
                batches.append(batch)
                bench.sender.changeNext { _ in reply }
                let warm = try await store.load(key, after: writer.position)
                #expect(warm == .current)
                bench.sender.changeNext { _ in reply }
                let cold = try await store.load(key, after: nil)
                #expect(cold == .tail(batches))
            }
            let result = try await store.load(other.key, after: other.position)
            #expect(result == .current)
        }
    }
}

extension ByteBuffer {
    fileprivate func with(_ text: String) -> ByteBuffer {
        var longer = self
        longer.writeString(text)
        return longer
    }
}

/// What a server holds of a session, as it dumps it, and until when.
struct SavedKeys: Hashable, Sendable {
    var values: [ByteBuffer: ByteBuffer] = [:]
    var ends: [ByteBuffer: String] = [:]
}

extension StoreBench {
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
