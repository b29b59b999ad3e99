import Foundation
import NIOCore
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct BatchFormatTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["STATELINE_WRITE_GOLDEN"] == "1"))
    func `writes the golden files anew`() throws {
        for golden in GoldenBatch.all { try golden.write() }
        try GoldenBatch.creation.writeSealed()
        Issue.record("the golden files were written: look at the difference, and run the tests again")
    }

    @Test(arguments: GoldenBatch.all)
    func `a batch encodes to the golden bytes`(golden: GoldenBatch) throws {
        #expect(golden.encoded.bytes == (try golden.stored()))
    }

    @Test(arguments: GoldenBatch.all)
    func `golden bytes decode to the batch`(golden: GoldenBatch) throws {
        let encoded = try EncodedBatch(stored: try golden.stored())
        let (batch, head) = try encoded.decoded()
        var expected = golden.head
        expected.position = golden.encoded.position
        #expect(batch == golden.batch)
        #expect(head == expected)
        #expect(encoded.turn == golden.batch.turn)
        #expect(encoded.position == golden.encoded.position)
        #expect(try encoded.follows(golden.previous))
        #expect(!(try encoded.follows(encoded.position)))
    }

    @Test func `golden bytes with sealed content are opened, and are refused without the key`() throws {
        let golden = GoldenBatch.creation
        let encoded = try EncodedBatch(stored: try golden.storedSealed())
        #expect(try encoded.follows(golden.previous))
        #expect(try encoded.head().totals == golden.head.totals)
        let reader = try GoldenBatch.cipher().following([encoded], after: golden.previous)
        #expect(try encoded.opened(by: reader, after: golden.previous).batch == golden.batch)
        #expect(throws: FormatError.sealed(keyID: 258)) { try encoded.decoded() }
    }

    @Test func `the golden batches cover every kind`() {
        let entries = GoldenBatch.all.flatMap(\.batch.entries)
        #expect(Set(GoldenBatch.all.map(\.batch.kind.rawValue)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 200])
        #expect(Set(entries.map { String("\($0.content)".prefix { $0 != "(" }) }).count == 7)
        #expect(Set(GoldenBatch.all.flatMap(\.batch.crossings).map { "\($0.outcome)" }).count == 11)
    }

    @Test(arguments: GoldenBatch.all)
    func `every other version is refused and its bytes are left alone`(golden: GoldenBatch) throws {
        for version in UInt8.min ... .max where version != BatchFormat.version {
            var bytes = golden.encoded.bytes
            bytes.setInteger(version, at: bytes.readerIndex)
            let before = Array(bytes.readableBytesView)
            #expect(throws: FormatError.unknownVersion(version)) { try EncodedBatch(stored: bytes) }
            #expect(Array(bytes.readableBytesView) == before)
        }
    }

    @Test(arguments: GoldenBatch.all)
    func `every truncation is refused`(golden: GoldenBatch) throws {
        let bytes = golden.encoded.bytes
        for length in 0..<bytes.readableBytes {
            let cut = bytes.getSlice(at: bytes.readerIndex, length: length)
            #expect(throws: FormatError.self) { try EncodedBatch(stored: try #require(cut)).decoded() }
        }
    }

    @Test(arguments: GoldenBatch.all)
    func `bytes after the end are refused`(golden: GoldenBatch) {
        var bytes = golden.encoded.bytes
        bytes.writeInteger(0 as UInt8)
        #expect(throws: FormatError.self) { try EncodedBatch(stored: bytes) }
    }

    /// 100,000 changes in all.
    @Test(arguments: GoldenBatch.all)
    func `no changed byte crashes a reader, and what can be read can be written again`(golden: GoldenBatch) {
        var (generator, seed) = SeededGenerator.printed(for: "mutations of the golden \(golden.name)")
        let original = Array(golden.encoded.bytes.readableBytesView)
        var refused = 0
        for round in 0..<100_000 / GoldenBatch.all.count {
            let bytes = Self.mutated(original, &generator)
            do throws(FormatError) {
                let read = try EncodedBatch(stored: ByteBuffer(bytes: bytes)).decoded()
                if round.isMultiple(of: 8) {
                    let again = try? Self.written(read.batch, read.head).decoded()
                    if again?.batch != read.batch || again?.head != read.head {
                        Issue.record("written otherwise than read: seed \(seed), round \(round)")
                    }
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000, "seed \(seed)")
    }

    @Test func `a large batch gets its stored form where it lies, byte for byte that of a copy`() throws {
        let position = Position.origin(of: SessionKey("large", tenant: "acme"), incarnation: .random())
        var batch = Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 7))
        batch.entries = [Entry(.prompt([.text(String(repeating: "large ", count: 20_000))]))]
        let summary = BatchFormat.encode(Head(position: position))
        let body = BatchFormat.encode(batch)
        let copy = ByteBuffer(bytes: body.readableBytesView)
        let end = Self.endAddress(body)

        let framed = BatchFormat.frame(body: consume body, head: summary, digest: position.digest)
        #expect(framed == BatchFormat.frame(body: copy, head: summary, digest: position.digest))
        #expect(Self.endAddress(framed) == end)
        #expect(try EncodedBatch(stored: framed).decoded().batch == batch)
    }

    private static func endAddress(_ buffer: ByteBuffer) -> UInt {
        unsafe buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) + UInt($0.count) }
    }

    private static func written(_ batch: Batch, _ head: Head) throws(FormatError) -> EncodedBatch {
        let body = BatchFormat.encode(batch)
        let summary = BatchFormat.encode(head)
        return try EncodedBatch(stored: BatchFormat.frame(body: body, head: summary, digest: head.position.digest))
    }

    /// The bytes with one byte changed, missing or added.
    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let index = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(.random(in: .min ... .max, using: &generator), at: index)
        case 2...4: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        default: bytes[index] = .random(in: .min ... .max, using: &generator)
        }
        return bytes
    }
}
