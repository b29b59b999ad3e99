internal import NIOCore

/// A parser that splits bytes into the JSON objects and arrays that follow one another in them.
///
/// Bytes between them, such as line ends, are skipped. Each byte is read once.
struct JSONObjects: Sendable {
    /// The bytes of the object that is not ended yet.
    private var begun = ByteBuffer()
    private var end = JSONEnd()

    /// `true` if an object has begun and not ended.
    var isBroken: Bool { end.hasBegun }

    /// Takes the next bytes.
    ///
    /// - Returns: The objects that they ended.
    mutating func append(_ bytes: ByteBuffer) -> [ByteBuffer] {
        var objects: [ByteBuffer] = []
        var bytes = bytes
        while true {
            let (start, end) = bounds(in: bytes)
            bytes.moveReaderIndex(forwardBy: start)
            guard let end, let rest = bytes.readSlice(length: end - start) else { break }
            self.end = JSONEnd()
            if begun.readableBytes == 0 {
                objects.append(rest)
            } else {
                begun.writeImmutableBuffer(rest)
                objects.append(begun)
                begun = ByteBuffer()
            }
        }
        if end.hasBegun { begun.writeImmutableBuffer(bytes) }
        return objects
    }

    /// Returns the offsets of the next object's beginning and of its end; `nil` if the end is not there.
    private mutating func bounds(in bytes: ByteBuffer) -> (start: Int, end: Int?) {
        var start = 0
        let span = bytes.readableBytesUInt8Span
        for index in span.indices {
            if end.advance(over: span[index]) { return (start, index + 1) }
            if !end.hasBegun { start = index + 1 }
        }
        return (start, nil)
    }
}
