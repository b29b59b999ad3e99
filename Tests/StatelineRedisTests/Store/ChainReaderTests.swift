import NIOCore
import Stateline
import Testing

@testable import StatelineRedis

@Suite struct ChainReaderTests {
    private let origin: Position
    private let batches: [EncodedBatch]
    private let framed: ByteBuffer

    init() {
        var writer = LogWriter(SessionKey("session"))
        origin = writer.position
        var batches: [EncodedBatch] = []
        var framed = ByteBuffer()
        for size in [1, 300, 0, 40] {
            let batch = writer.append(.prompt(String(repeating: "x", count: size)))
            batches.append(batch)
            framed.writeInteger(UInt32(batch.bytes.readableBytes))
            framed.writeImmutableBuffer(batch.bytes)
            framed.writeInteger(UInt32(batch.bytes.readableBytes))
        }
        self.batches = batches
        self.framed = framed
    }

    @Test func `batches are read whatever the pieces are that they come in`() throws {
        for size in 1...framed.readableBytes {
            var reader = ChainReader(after: origin)
            var rest = framed
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                reader.read(piece)
            }
            #expect(reader.isWhole)
            #expect(reader.batches == batches, "pieces of \(size)")
        }
    }

    @Test func `a log that ends within a batch is not whole`() throws {
        for length in 1..<framed.readableBytes {
            var reader = ChainReader(after: origin)
            reader.read(try #require(framed.getSlice(at: 0, length: length)))
            let ends = batches.indices.map { batches[...$0].reduce(0) { $0 + $1.bytes.readableBytes + 8 } }
            #expect(reader.isWhole == ends.contains(length))
            #expect(reader.batches.count == ends.count { $0 <= length })
        }
    }

    @Test func `a changed byte is noticed, wherever it is`() {
        for index in 0..<framed.readableBytes {
            for bit in [UInt8(1), 128] {
                var changed = framed
                let byte = changed.getInteger(at: index, as: UInt8.self) ?? 0
                changed.setInteger(byte ^ bit, at: index)
                var reader = ChainReader(after: origin)
                reader.read(changed)
                #expect(!reader.isWhole || reader.position != batches[3].position, "byte \(index)")
            }
        }
    }

    @Test func `a batch of a newer version is unreadable, one that is damaged is not`() {
        var reader = ChainReader(after: origin)
        reader.append(batches[0].bytes)
        reader.append(batches[1].ofVersion(2).bytes)
        #expect(!reader.isWhole)
        #expect(reader.unreadable == .unknownVersion(2))
        #expect(reader.batches == [batches[0]])

        reader = ChainReader(after: origin)
        reader.append(ByteBuffer(bytes: [1, 2, 3]))
        #expect(!reader.isWhole)
        #expect(reader.unreadable == nil)
    }

    @Test func `a batch of a kind that is not known is read`() {
        var writer = LogWriter(SessionKey("session"))
        let first = writer.append(Batch(Batch.Kind(rawValue: 200), turn: .random(), created: .now()))
        var reader = ChainReader(after: .origin(of: writer.key, incarnation: writer.position.incarnation))
        reader.append(first.bytes)
        #expect(reader.batches == [first])
    }

    @Test func `batches in another order, twice or after another position are refused`() {
        for order in [[1, 0], [0, 0], [0, 2], [1]] {
            var reader = ChainReader(after: origin)
            for index in order { reader.append(batches[index].bytes) }
            #expect(!reader.isWhole)
        }
    }
}
