internal import NIOCore

/// An offset in a gather list.
struct ByteCursor {
    private let chunks: [ByteBuffer]
    private var index = 0
    private var rest: ByteBuffer?

    /// Makes a cursor at an offset; an offset beyond the end is the end.
    init(_ list: GatherList, at offset: Int) {
        self.chunks = list.chunks
        self.rest = list.chunks.first
        var left = offset
        while let chunk = rest, left >= chunk.readableBytes, index < chunks.count {
            left -= chunk.readableBytes
            nextChunk()
        }
        let available = rest?.readableBytes ?? 0
        rest?.moveReaderIndex(forwardBy: min(left, available))
    }

    /// The rest of the chunk at the cursor, never empty; `nil` at the end.
    var piece: ByteBuffer? { rest }

    /// Moves forward within the piece, and to the next one at its end.
    mutating func advance(by count: Int) {
        rest?.moveReaderIndex(forwardBy: count)
        while let chunk = rest, chunk.readableBytes == 0 { nextChunk() }
    }

    private mutating func nextChunk() {
        index += 1
        rest = index < chunks.count ? chunks[index] : nil
    }

    /// All bytes from the cursor to the end.
    var remainder: GatherList {
        guard let rest else { return GatherList([]) }
        return GatherList([rest] + chunks[(index + 1)...])
    }
}
