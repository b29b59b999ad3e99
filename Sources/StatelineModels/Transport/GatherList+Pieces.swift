internal import NIOCore
internal import Stateline

extension GatherList {
    /// The length from which a piece is sent as it is.
    static var shortestPiece: Int { 512 << 10 }

    /// The body in pieces of a good size to send: short neighbours are joined, long ones are not copied.
    ///
    /// The library writes and flushes each piece by itself. That costs more than copying a short one and less than copying
    /// a long one: see the page of this module, and `Benchmarks/compare transport`.
    ///
    /// - Complexity: O(*n*) in the bytes of the short ones.
    var pieces: [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var rest = chunks[...]
        while let chunk = rest.first {
            let short = rest.prefix { $0.readableBytes < Self.shortestPiece }
            if short.isEmpty {
                pieces.append(chunk)
                rest.removeFirst()
            } else {
                pieces.append(GatherList(Array(short)).joined())
                rest.removeFirst(short.count)
            }
        }
        return pieces
    }
}
