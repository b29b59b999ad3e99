import NIOCore
@testable import Stateline

extension Rendering {
    /// All bytes, joined.
    var bytes: [UInt8] { Array(buffer: GatherList(buffers).joined()) }
}
