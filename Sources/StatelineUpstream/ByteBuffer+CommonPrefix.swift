internal import NIOCore

extension ByteBuffer {
    /// Returns the number of leading readable bytes that both buffers have in common.
    ///
    /// - Complexity: O(*n*) in the shorter buffer: at most two `memcmp` of it, whole or halved.
    func commonPrefixLength(with other: ByteBuffer) -> Int {
        let length = Swift.min(readableBytes, other.readableBytes)
        guard !isSame(as: other, at: 0, length: length) else { return length }
        // The first `same` bytes are equal, and the `width` bytes after them hold a difference.
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
