internal import Crypto
internal import NIOCore

extension Digest {
    /// Returns the digest that names a crossing's request.
    ///
    /// It covers the log that the request was projected from, the length of the prefix that the previous request had
    /// too, and the bytes after it. It is as strong as a digest of the whole request, at the cost of those bytes.
    static func request(from base: Digest, prefix: Int, rest: GatherList) -> Digest {
        var frame = ByteBufferAllocator().buffer(capacity: frameSize)
        base.write(to: &frame)
        frame.writeInteger(UInt64(prefix))
        var hasher = SHA256()
        hasher.update(frame)
        for chunk in rest.chunks { hasher.update(chunk) }
        return Digest(hasher.finalize())
    }
}

extension Digest {
    /// The digest of a turn's input.
    static func input(_ entry: Entry) -> Digest {
        var buffer = ByteBuffer()
        BatchFormat.write(entry, to: &buffer)
        return sha256(buffer)
    }
}
