internal import Crypto
internal import NIOCore

extension Digest {
    private static let chainVersion: UInt8 = 1
    /// The number of bytes of a digest and a length.
    static let frameSize = byteCount + 8

    /// Returns d(0): the digest of the format, the key and the incarnation.
    ///
    /// The number of the format here is that of the chain. It stays when batches get another version: a log may hold
    /// batches of several versions, and its origin is older than all of them.
    static func origin(of key: SessionKey, incarnation: Incarnation) -> Digest {
        var buffer = ByteBuffer()
        buffer.writeInteger(chainVersion)
        for part in [key.tenant.rawValue, key.family, key.id] {
            buffer.writeInteger(UInt32(truncatingIfNeeded: part.utf8.count))
            buffer.writeString(part)
        }
        buffer.writeInteger(incarnation.rawValue)
        return sha256(buffer)
    }

    /// Returns d(r): the digest of d(r - 1), the length of the batch, the batch, and its head without the digest.
    ///
    /// - Complexity: O(*n*) in the size of the batch, whatever the size of the log.
    static func chained(after previous: Digest, batch: ByteBuffer, head: ByteBuffer) -> Digest {
        var frame = ByteBufferAllocator().buffer(capacity: frameSize)
        previous.write(to: &frame)
        frame.writeInteger(UInt64(batch.readableBytes))
        var hasher = SHA256()
        hasher.update(frame)
        hasher.update(batch)
        hasher.update(head)
        return Digest(hasher.finalize())
    }
}
