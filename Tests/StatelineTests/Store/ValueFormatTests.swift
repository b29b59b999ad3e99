import NIOCore
import Testing

@testable import Stateline

@Suite struct ValueFormatTests {
    private static func section(_ bytes: [UInt8], tag: UInt8 = 6) -> ByteBuffer {
        var body = BatchFormat.encode(
            Batch(.values, turn: TurnID(rawValue: 1), created: Timestamp(milliseconds: 0))
        )
        body.writeBytes([tag, UInt8(bytes.count)] + bytes)
        return body
    }

    private static func read(_ body: ByteBuffer) throws -> Batch {
        let key = SessionKey("s")
        let origin = Position.origin(of: key, incarnation: Incarnation(rawValue: 1))
        var head = Head(position: origin)
        head.position = Position(incarnation: origin.incarnation, revision: 1, digest: origin.digest)
        let summary = BatchFormat.encode(head)
        let digest = Digest.chained(after: origin.digest, batch: body, head: summary)
        return try EncodedBatch(stored: BatchFormat.frame(body: body, head: summary, digest: digest)).decoded().batch
    }

    /// Sets "a" to 1, and removes "b".
    private static let changes: [UInt8] = [0, 1, 0x61, 1, 0x31, 1, 1, 0x62]

    @Test func `a section of values is read`() throws {
        let batch = try Self.read(Self.section(Self.changes))
        #expect(batch.values.map(\.name) == ["a", "b"])
        #expect(batch.values.map { $0.value.map { String(buffer: $0) } } == ["1", nil])
    }

    @Test func `a reader that does not know the section refuses the batch`() {
        // A tag that this version does not know, as section 6 is to an older one.
        #expect(throws: FormatError.unsupported("section 10")) {
            try Self.read(Self.section(Self.changes, tag: 10))
        }
    }

    @Test(
        arguments: [
            [2, 1, 0x61, 0],  // a flag
            [0, 0, 0],  // no name
            [0, 1, 0x20, 0],  // a space in a name
            [0, 2, 0xc3, 0xa9, 0],  // a name that is not ASCII
            [0, 1, 0x61, 0, 0, 1, 0x61, 0],  // a name twice
            [0, 1, 0x62, 0, 0, 1, 0x61, 0],  // names out of order
            [0, 1, 0x61],  // no value
        ] as [[UInt8]]
    )
    func `bytes that no writer makes are refused`(bytes: [UInt8]) {
        #expect(throws: FormatError.self) { try Self.read(Self.section(bytes)) }
    }
}
