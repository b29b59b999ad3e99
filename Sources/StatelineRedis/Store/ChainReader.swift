internal import NIOCore
internal import Stateline

/// A reader that splits a log into batches and checks by their digests that each follows the one before it.
///
/// The bytes come in pieces that may end anywhere. Batches share the storage of their piece. A batch across two pieces
/// is copied. A piece that is a small part of its storage is copied too, because batches are kept for long and would
/// keep the whole storage.
struct ChainReader: Sendable {
    /// The batches that were read.
    private(set) var batches: [EncodedBatch] = []
    /// The position of the newest of them.
    private(set) var position: Position
    /// The beginning of an incomplete batch.
    private var begun = ByteBuffer()
    /// `true` if a batch did not follow the one before it; no more is read then.
    private var isBroken = false
    /// The reason for which the batch after the newest one cannot be read, if a newer version wrote it.
    private(set) var unreadable: FormatError?

    /// Makes a reader of the batches after a position.
    init(after position: Position) {
        self.position = position
    }

    /// `true` if all bytes so far are whole batches that follow each other.
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

    /// Adds a batch without its frame.
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

    /// Moves at most `count` bytes to the incomplete batch.
    private mutating func take(_ count: Int, from rest: inout ByteBuffer) {
        guard count > 0, var bytes = rest.readSlice(length: min(count, rest.readableBytes)) else { return }
        begun.writeBuffer(&bytes)
    }

    /// Takes the next batch out of its frame; returns `nil` if it is incomplete.
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
    /// The same bytes, copied if they are a small part of their storage.
    var withoutNeighbours: ByteBuffer {
        storageCapacity > 2 * readableBytes + 64 ? ByteBuffer(bytes: readableBytesView) : self
    }
}
