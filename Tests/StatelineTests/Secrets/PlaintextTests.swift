import StatelineMemory
import Testing

@testable import Stateline

/// Sessions that were begun without encryption.
@Suite struct PlaintextTests {
    private static let key = SessionKey("older")
    private let master = EncryptionKey.random(id: 1)

    private static func plain() -> [EncodedBatch] {
        var writer = LogWriter(key)
        return [writer.append(.instructions("i")), writer.append(.prompt("p"), .response("r"))]
    }

    @Test func `a session without encryption is refused`() {
        let batches = Self.plain()
        #expect(throws: LogError.sealed(1, .plaintext)) {
            try SealedLog.fold(batches, of: Self.key, keys: KeyRing(master))
        }
    }

    @Test func `a ring that allows plaintext reads it, and the next batch is encrypted`() throws {
        let batches = Self.plain()
        let ring = KeyRing(master, allowsPlaintext: true)
        let base = try SealedLog.fold(batches, of: Self.key, keys: ring)
        var batch = Batch(.turn, turn: .random(), created: .now())
        batch.entries = [.prompt("secret")]
        let next = base.successor(batch)
        #expect(![next.encoded].show("secret"))
        let whole = batches + [next.encoded]
        #expect(try SealedLog.fold(whole, of: Self.key, keys: ring).transcript.count == 4)
        #expect(try base.following([next.encoded]).transcript.count == 4)
        #expect(throws: LogError.sealed(1, .plaintext)) {
            try SealedLog.fold(whole, of: Self.key, keys: KeyRing(master))
        }
    }

    @Test func `nothing without encryption follows an encrypted batch`() throws {
        let ring = KeyRing(master, allowsPlaintext: true)
        let log = try SealedLog(keys: ring)
        var forger = log.writer.snapshot
        forger.cipher = nil
        var batch = Batch(.turn, turn: .random(), created: .now())
        batch.entries = [.prompt("forged")]
        let forged = log.batches + [forger.successor(batch).encoded]
        #expect(throws: LogError.sealed(4, .plaintext)) { try SealedLog.fold(forged, keys: ring) }
        #expect(throws: LogError.sealed(4, .plaintext)) {
            try SealedLog.fold(log.batches, keys: ring).following([forged[3]])
        }
    }

    @Test func `older batches are not changed once an encrypted one follows`() throws {
        let ring = KeyRing(master, allowsPlaintext: true)
        let base = try SealedLog.fold(Self.plain(), of: Self.key, keys: ring)
        let next = base.successor(Batch(.rekey, turn: .random(), created: .now())).encoded
        var other = LogWriter(Self.key, incarnation: next.position.incarnation)
        let changed = [other.append(.instructions("another")), other.append(.prompt("p"), .response("r"))]
        let forged = try SealedLog.forged(changed + [next], of: Self.key)
        #expect(throws: LogError.sealed(3, .notAuthentic)) { try SealedLog.fold(forged, of: Self.key, keys: ring) }
    }
}
