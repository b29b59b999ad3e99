internal import NIOCore

extension ByteBuffer {
    /// How many leading readable bytes are the same in both buffers.
    ///
    /// - Complexity: O(*n*) in the shorter buffer: at most two `memcmp` of it, whole or halved.
    func commonPrefixLength(with other: ByteBuffer) -> Int {
        let length = Swift.min(readableBytes, other.readableBytes)
        guard !isSame(as: other, at: 0, length: length) else { return length }
        // The first `same` bytes are equal, and a difference lies in the `width` bytes after them.
        var same = 0
        var width = length
        while width > 1 {
            let half = width / 2
            if isSame(as: other, at: same, length: half) {
                same += half
                width -= half
            } else {
                width = half
            }
        }
        return same
    }

    private func isSame(as other: ByteBuffer, at offset: Int, length: Int) -> Bool {
        getSlice(at: readerIndex + offset, length: length)
            == other.getSlice(at: other.readerIndex + offset, length: length)
    }
}
