internal import NIOCore
internal import Stateline

/// Takes framed batches apart and checks that each follows the one before it, by its digest.
///
/// The bytes come in pieces that may end anywhere. Batches stay in the storage of their piece; one that lies in two
/// pieces is copied, and so is a piece that is little of its storage: batches are kept for long, and with them all of it.
struct ChainReader: Sendable {
    /// What was read.
    private(set) var batches: [EncodedBatch] = []
    /// Where the newest of them stands.
    private(set) var position: Position
    /// The beginning of a batch whose end is to come.
    private var begun = ByteBuffer()
    /// Whether a batch was not what was appended there; nothing more is read then.
    private var isBroken = false
    /// Why the batch after the newest one that was read cannot be read, where a newer writer made it.
    private(set) var unreadable: FormatError?

    /// Begins after a position.
    init(after position: Position) {
        self.position = position
    }

    /// Whether all that was read is batches that follow each other, and the last one is whole.
    var isWhole: Bool { !isBroken && begun.readableBytes == 0 }

    /// Reads a piece.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    mutating func read(_ piece: ByteBuffer) {
        var rest = piece.withoutNeighbours
        if begun.readableBytes > 0 { complete(from: &rest) }
        while !isBroken, let batch = takeBatch(&rest) { append(batch) }
        if !isBroken { begun.writeBuffer(&rest) }
    }

    /// Takes a batch without its frame.
    mutating func append(_ bytes: ByteBuffer) {
        do throws(FormatError) {
            let batch = try EncodedBatch(stored: bytes)
            guard try batch.follows(position) else {
                isBroken = true
                return
            }
            batches.append(batch)
            position = batch.position
        } catch {
            isBroken = true
            if error.isNewer { unreadable = error }
        }
    }

    private mutating func complete(from rest: inout ByteBuffer) {
        take(4 - begun.readableBytes, from: &rest)
        guard let length = begun.getInteger(at: begun.readerIndex, as: UInt32.self) else { return }
        take(Int(length) + 8 - begun.readableBytes, from: &rest)
        var whole = begun
        guard let batch = takeBatch(&whole) else { return }
        begun = ByteBuffer()
        append(batch)
    }

    /// Adds at most so many bytes to the batch that was begun.
    private mutating func take(_ count: Int, from rest: inout ByteBuffer) {
        guard count > 0, var bytes = rest.readSlice(length: min(count, rest.readableBytes)) else { return }
        begun.writeBuffer(&bytes)
    }

    /// Takes the next batch out of its frame; `nil` where its end is not there yet.
    private mutating func takeBatch(_ buffer: inout ByteBuffer) -> ByteBuffer? {
        guard
            let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            buffer.readableBytes >= Int(length) + 8
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        let batch = buffer.readSlice(length: Int(length))
        guard buffer.readInteger(as: UInt32.self) == length else {
            isBroken = true
            return nil
        }
        return batch
    }
}

extension ByteBuffer {
    /// The same bytes, in storage of which they are no small part.
    var withoutNeighbours: ByteBuffer {
        storageCapacity > 2 * readableBytes + 64 ? ByteBuffer(bytes: readableBytesView) : self
    }
}
