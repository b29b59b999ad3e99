import NIOCore
import Testing

@testable import Stateline

/// Logs that a newer writer continued, as a reader of this version meets them.
@Suite struct NewerWriterTests {
    private static let key = SessionKey("thread-42", tenant: "acme")
    private static let field = FormatExtension(tag: 200, bytes: ByteBuffer(string: "newer"))

    /// A session of one turn.
    private static func began() -> (writer: LogWriter, log: [EncodedBatch]) {
        var writer = LogWriter(key)
        let log = [writer.append(.instructions("Be brief.")), writer.append(.prompt("p"), .response("r"))]
        return (writer, log)
    }

    private static func fold(_ log: [EncodedBatch]) throws -> Snapshot {
        let stored = try log.map { try EncodedBatch(stored: $0.bytes) }
        return try Snapshot.folding(stored, of: key, dialect: EntryDialect())
    }

    private static func batch(of kind: UInt8 = 2, _ entries: Entry...) -> Batch {
        var batch = Batch(Batch.Kind(rawValue: kind), turn: .random(), created: Timestamp(milliseconds: 0))
        batch.entries = entries
        return batch
    }

    /// A batch as other bytes than this version would write, at the end of a log.
    private static func encoded(_ body: ByteBuffer, head: ByteBuffer, after writer: LogWriter) throws -> EncodedBatch {
        let digest = Digest.chained(after: writer.position.digest, batch: body, head: head)
        return try EncodedBatch(stored: BatchFormat.frame(body: body, head: head, digest: digest))
    }

    private static func nextHead(of writer: LogWriter) -> Head {
        var head = writer.head
        head.position = Position(
            incarnation: writer.position.incarnation,
            revision: writer.position.revision.next,
            digest: writer.position.digest
        )
        return head
    }

    @Test(arguments: [0, 6, 7, 127, 128, 255] as [UInt8])
    func `a batch of an unknown kind is framed, and folds by its content`(kind: UInt8) throws {
        var (writer, log) = Self.began()
        log.append(writer.append(Self.batch(of: kind, .prompt("p2"), .response("r2"))))
        log.append(writer.append(.prompt("p3"), .response("r3")))
        let snapshot = try Self.fold(log)
        #expect(snapshot.transcript.map(\.text) == ["Be brief.", "p", "r", "p2", "r2", "p3", "r3"])
        #expect(try log[2].decoded().batch.kind.rawValue == kind)
    }

    @Test func `an optional section and an entry's fields are kept, and the rest is folded`() throws {
        var (writer, log) = Self.began()
        let entry = Entry(.prompt([.text("p2")]), extensions: [Self.field])
        var batch = Self.batch(entry)
        batch.extensions = [Self.field]
        log.append(writer.append(batch))
        #expect(try EncodedBatch(stored: log[2].bytes).decoded().batch == batch)
        #expect(try Self.fold(log).transcript.last == entry)
    }

    @Test func `a head's field is carried on by writers that do not know it, in forks too`() throws {
        var (writer, log) = Self.began()
        log.append(writer.append(Self.batch(.prompt("p2")), extensions: [Self.field]))
        var older = LogWriter(Self.key, incarnation: writer.position.incarnation)
        try older.follow(log)
        log.append(older.append(.prompt("p3")))
        log.append(older.append(.prompt("p4")))
        for batch in log[2...] { #expect(try batch.decoded().head.extensions == [Self.field]) }
        let fork = older.fork(as: "fork")
        #expect(try fork.first.decoded().head.extensions == [Self.field])
        #expect(try Self.fold(log).head.extensions == [Self.field])
    }

    @Test func `a large batch after a head with long fields is framed`() throws {
        var (writer, log) = Self.began()
        let long = FormatExtension(tag: 128, bytes: ByteBuffer(repeating: 7, count: 1000))
        log.append(writer.append(Self.batch(.prompt(String(repeating: "large ", count: 20_000))), extensions: [long]))
        #expect(try Self.fold(log).head.extensions == [long])
    }

    @Test func `a head with fields beyond their bound is not folded, so that no later head carries them on`() throws {
        var (writer, log) = Self.began()
        let long = FormatExtension(tag: 200, bytes: ByteBuffer(repeating: 7, count: 1 << 20))
        log.append(writer.append(Self.batch(.prompt("p2")), extensions: [long]))
        #expect(throws: LogError.corrupt(3)) { try Self.fold(log) }
    }

    @Test func `a crossing's fields are kept when it is encoded again`() throws {
        var crossing = Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: 1,
            newBytes: 2,
            requestDigest: .zero,
            outcome: .cancelled
        )
        crossing.extensions = [Self.field]
        var (writer, _) = Self.began()
        var batch = Self.batch()
        batch.crossings = [crossing]
        let read = try writer.append(batch).decoded().batch
        let again = try writer.append(read).decoded().batch
        #expect(again.crossings == [crossing])
    }

    @Test func `a part of an unknown optional kind is skipped`() throws {
        var buffer = ByteBuffer(bytes: [12, 2, 1, 1, 0x61, 200, 3, 9, 9, 9, 1, 1, 0x62])
        #expect(try BatchFormat.readEntry(from: &buffer) == Entry(.prompt([.text("a"), .text("b")])))
    }

    @Test(
        arguments: [
            [9, 1, 0],  // a section
            [7, 3, 9, 1, 0],  // a field of the settings
            [7, 5, 1, 3, 12, 1, 0],  // an option
            [7, 5, 1, 3, 6, 1, 9],  // a choice of tools
            [7, 5, 1, 3, 8, 1, 9],  // a form of answers
            [1, 2, 1, 9],  // a kind of entry
            [1, 4, 3, 2, 9, 0],  // a kind of part
            [1, 4, 3, 2, 2, 4],  // a flag of media
            [1, 5, 4, 2, 2, 0, 9],  // a source of media
            [1, 6, 5, 0x42, 3, 9, 1, 0],  // a field of an entry
        ] as [[UInt8]]
    )
    func `what may not be ignored makes the log unreadable, not corrupt`(section: [UInt8]) throws {
        let (writer, whole) = Self.began()
        var body = BatchFormat.encode(Self.batch())
        body.writeBytes(section)
        let batch = try Self.encoded(body, head: BatchFormat.encode(Self.nextHead(of: writer)), after: writer)
        try Self.expectUnreadable(whole + [batch])
    }

    @Test func `a critical field of the head makes the log unreadable, not corrupt`() throws {
        let (writer, whole) = Self.began()
        var head = BatchFormat.encode(Self.nextHead(of: writer))
        head.writeBytes([9, 1, 0])
        let batch = try Self.encoded(BatchFormat.encode(Self.batch()), head: head, after: writer)
        try Self.expectUnreadable(whole + [batch])
    }

    @Test func `a newer version makes the log unreadable, not corrupt`() throws {
        var (writer, log) = Self.began()
        log.append(writer.append(.prompt("p2")).ofVersion(2))
        #expect(throws: LogError.unreadable(.unknownVersion(2))) {
            try Snapshot.folding(log, of: Self.key, dialect: EntryDialect())
        }
    }

    @Test func `bytes that no version could have written make the log corrupt`() throws {
        let (writer, whole) = Self.began()
        for section in [[1, 0], [3, 9, 0], [200, 1, 0, 130, 0], [200, 9]] as [[UInt8]] {
            var body = BatchFormat.encode(Self.batch())
            body.writeBytes(section)
            let batch = try Self.encoded(body, head: BatchFormat.encode(Self.nextHead(of: writer)), after: writer)
            #expect(throws: LogError.corrupt(3), "\(section)") { try Self.fold(whole + [batch]) }
        }
    }

    @Test func `the origin of a log does not depend on the version that is written`() {
        let origin = Position.origin(of: Self.key, incarnation: Incarnation(rawValue: 1))
        var buffer = ByteBuffer(bytes: [1])
        for part in ["acme", "thread-42", "thread-42"] {
            buffer.writeInteger(UInt32(part.utf8.count))
            buffer.writeString(part)
        }
        buffer.writeInteger(1 as UInt128)
        #expect(origin.digest == .sha256(buffer))
    }

    private static func expectUnreadable(_ log: [EncodedBatch]) throws {
        #expect {
            _ = try fold(log)
        } throws: { error in
            guard case .unreadable(.unsupported)? = error as? LogError else { return false }
            return true
        }
    }
}
