extension JSONText {
    /// Returns the end of the longest run of bytes that stand for themselves in a JSON string.
    ///
    /// These are all but the quotation mark, the backslash and the control characters U+0000 to U+001F.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - start: The offset of the run's first byte.
    /// - Returns: The offset of the first other byte, or the end of the text.
    /// - Complexity: O(*n*) in the run's bytes. After the first 16, the optimiser makes vector instructions of the loop
    ///   over a chunk, which take two instructions a byte.
    static func endOfRun(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let size = 16
        // Names and most words end here.
        var index = start
        let near = start + min(size, bytes.count - start)
        while index < near {
            guard isSpecial(bytes[index]) == 0 else { return index }
            index += 1
        }
        while bytes.count - index >= size {
            let chunk = bytes.extracting(index..<index + size)
            var special: UInt8 = 0
            for place in 0..<size { special |= isSpecial(chunk[place]) }
            if special != 0 { break }
            index += size
        }
        while index < bytes.count, isSpecial(bytes[index]) == 0 { index += 1 }
        return index
    }

    /// Returns 1 for a byte that does not stand for itself, and 0 otherwise: a number, so that the loop has no branch.
    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
    }
}
