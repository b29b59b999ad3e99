import NIOCore
import Testing

@testable import Stateline

/// Encrypted batches, and what becomes of them without their key, out of their place, or changed.
@Suite struct SealTests {
    @Test func `the stored bytes show nothing of the content, and the key ring opens them`() throws {
        let log = try SealedLog()
        #expect(!log.batches.show(SealedLog.marker))
        let snapshot = try SealedLog.fold(log.batches)
        #expect(snapshot.transcript.elementsEqual(log.writer.snapshot.transcript))
        #expect(snapshot.transcript.count == 5)
    }

    @Test func `kind, turn, time and head are readable without a key, and the chain is verified`() throws {
        let log = try SealedLog()
        var previous = Position.origin(of: SealedLog.key, incarnation: log.batches[0].position.incarnation)
        for batch in log.batches {
            #expect(try batch.follows(previous))
            #expect(try batch.head().position == batch.position)
            previous = batch.position
        }
        #expect(try log.batches[2].head().totals.entries == 5)
    }

    @Test func `without keys the error says which one is needed`() throws {
        let log = try SealedLog()
        #expect(throws: LogError.sealed(1, .keyRequired(id: 7))) { try SealedLog.fold(log.batches, keys: nil) }
        #expect(throws: FormatError.sealed(keyID: 7)) { try log.batches[0].decoded() }
        #expect(throws: FormatError.sealed(keyID: nil)) { try log.batches[1].decoded() }
    }

    @Test func `a ring without the key says which one is needed`() throws {
        let log = try SealedLog()
        #expect(throws: LogError.sealed(1, .unknownKey(id: 7))) {
            try SealedLog.fold(log.batches, keys: KeyRing(.random(id: 8)))
        }
    }

    @Test func `another key of the same id opens nothing`() throws {
        let log = try SealedLog()
        #expect(throws: LogError.sealed(1, .notAuthentic)) {
            try SealedLog.fold(log.batches, keys: KeyRing(.random(id: 7)))
        }
    }

    @Test(arguments: [
        SessionKey("thread-42", tenant: "other"), SessionKey("thread-43", tenant: "acme"),
        SessionKey("thread-43", tenant: "acme", forkOf: "thread-42"),
    ])
    func `a log that is moved to another tenant or session does not open`(place: SessionKey) throws {
        let log = try SealedLog()
        let moved = try SealedLog.forged(log.batches, of: place)
        #expect(throws: LogError.sealed(1, .notAuthentic)) { try SealedLog.fold(moved, of: place) }
    }

    @Test func `a batch that is moved to another revision does not open`() throws {
        var log = try SealedLog()
        log.append(.prompt("5"), .response("6"))
        let bodies = try log.batches.map { try BatchFormat.Frame($0.bytes).body }
        let swapped = try SealedLog.forged(log.batches) { index, _, body in
            if index == 1 { body = bodies[2] }
        }
        #expect(throws: LogError.sealed(2, .notAuthentic)) { try SealedLog.fold(swapped) }
    }

    @Test func `a batch of another history of the same session does not open`() throws {
        var log = try SealedLog()
        var other = log
        log.append(.prompt("5"), .response("6"))
        log.append(.prompt("7"), .response("8"))
        other.append(.prompt("5"), .response("another"))
        // The store went back, and another answer was written; then the newest batch is put after that.
        let mixed = try SealedLog.forged(Array(log.batches[..<3]) + [other.batches[3], log.batches[4]])
        #expect(throws: LogError.sealed(5, .notAuthentic)) { try SealedLog.fold(mixed) }
    }

    @Test func `a change of any byte is refused although the digests are right`() throws {
        let log = try SealedLog()
        for target in log.batches.indices {
            let frame = try BatchFormat.Frame(log.batches[target].bytes)
            // Every byte of the heads, of what stays readable and of the nonce; of the ciphertext some.
            for place in 0..<frame.body.readableBytes + frame.summary.readableBytes
            where place < 120 || place.isMultiple(of: 7) || place >= frame.body.readableBytes - 16 {
                #expect(throws: (any Error).self, "batch \(target), byte \(place)") {
                    let forged = try SealedLog.forged(log.batches) { index, head, body in
                        guard index == target else { return }
                        let size = body.readableBytes
                        if place < size { body.flip(place) } else { head.flip(place - size) }
                    }
                    return try SealedLog.fold(forged)
                }
            }
        }
    }

    @Test func `a section beside the sealed one is refused`() throws {
        let log = try SealedLog()
        for section in [[200, 1, 0], [9, 1, 0]] as [[UInt8]] {
            let forged = try SealedLog.forged(log.batches) { index, _, body in
                if index == 2 { body.writeBytes(section) }
            }
            #expect(throws: LogError.corrupt(3)) { try SealedLog.fold(forged) }
        }
    }

    @Test func `damage is corruption, also with keys`() throws {
        var log = try SealedLog()
        var bytes = log.batches[0].bytes
        bytes.flip(bytes.readableBytes - 1)
        log.batches[0] = try EncodedBatch(stored: bytes)
        #expect(throws: LogError.corrupt(1)) { try SealedLog.fold(log.batches) }
    }

    @Test func `a reader that does not know the section refuses the batch as a newer writer's`() throws {
        let log = try SealedLog()
        let body = try BatchFormat.Frame(log.batches[0].bytes).body
        #expect(body.getInteger(at: body.readerIndex + BatchFormat.preambleSize, as: UInt8.self) == 8)
        // To such a reader the tag is one of those below 128 that it does not know.
        let strange = try SealedLog.forged(log.batches) { index, _, body in
            body.setInteger(100 as UInt8, at: body.readerIndex + BatchFormat.preambleSize)
        }
        #expect(throws: LogError.unreadable(.unsupported("section 100"))) { try SealedLog.fold(strange, keys: nil) }
    }

    @Test func `sections of a newer writer are sealed and kept`() throws {
        var log = try SealedLog()
        var batch = Batch(.turn, turn: .random(), created: .now())
        batch.extensions = [FormatExtension(tag: 200, bytes: ByteBuffer(string: SealedLog.marker))]
        log.batches.append(log.writer.append(batch))
        #expect(!log.batches.show(SealedLog.marker))
        let base = try SealedLog.fold(Array(log.batches[..<3]))
        #expect(try log.batches[3].opened(by: base.cipher, after: base.position).batch == batch)
    }

    @Test func `a large batch is sealed too`() throws {
        var log = try SealedLog()
        log.append(.prompt(String(repeating: SealedLog.marker, count: 40_000)))
        #expect(!log.batches.show(SealedLog.marker))
        #expect(try SealedLog.fold(log.batches).transcript.count == 6)
    }

    @Test(arguments: [0, 1, 1024, 100_000])
    func `encryption adds at most 64 bytes to a batch`(size: Int) throws {
        let entry = Entry.response(String(repeating: "a", count: size))
        var sealed = try SealedLog()
        var plain = LogWriter(SealedLog.key)
        plain.append(.instructions(SealedLog.marker))
        sealed.append(entry)
        plain.append(entry)
        let added = sealed.batches[3].bytes.readableBytes - plain.append(entry).bytes.readableBytes
        #expect((0...64).contains(added), "\(added) bytes")
        // The first batch has the key, too.
        let first = sealed.batches[0].bytes.readableBytes
        var creation = LogWriter(SealedLog.key)
        #expect(first - creation.append(.instructions(SealedLog.marker)).bytes.readableBytes <= 128)
    }

    @Test func `the same content is never sealed to the same bytes`() throws {
        let log = try SealedLog()
        var batch = Batch(.turn, turn: .random(), created: .now())
        batch.entries = [.prompt("5")]
        let bytes = (0..<1000).map { _ in log.writer.snapshot.successor(batch).encoded.bytes }
        // The end of the ciphertext and the tag.
        #expect(Set(bytes.map { Array($0.readableBytesView.suffix(28)) }).count == 1000)
    }
}

extension ByteBuffer {
    /// Inverts the lowest bit of a byte.
    fileprivate mutating func flip(_ place: Int) {
        let index = readerIndex + place
        setInteger((getInteger(at: index, as: UInt8.self) ?? 0) ^ 1, at: index)
    }
}
