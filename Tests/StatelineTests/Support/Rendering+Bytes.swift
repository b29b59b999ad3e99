import NIOCore
@testable import Stateline

extension Rendering {
    /// All bytes, joined.
    var bytes: [UInt8] {
        var pieces: [ByteBuffer] = []
        appendBuffers(to: &pieces)
        return Array(buffer: GatherList(pieces).joined())
    }
}
