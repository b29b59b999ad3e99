internal import NIOCore
internal import Stateline

extension GatherList {
    /// Pieces from this length on are sent as they are.
    static var shortestPiece: Int { 512 << 10 }

    /// The body in the pieces in which it is best sent: neighbours that are short are joined, long ones are not copied.
    ///
    /// The library writes and flushes each piece by itself, which costs more than to copy a short one and less than to
    /// copy a long one: see the page of this module, and `Benchmarks/compare transport`.
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
