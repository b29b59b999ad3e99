extension JSONScanner {
    /// Scans a string with its quotation marks.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - allowsHalves: `true` to let pass an escaped half of a surrogate pair.
    /// - Returns: The properties of the string.
    /// - Throws: ``JSONError``.
    mutating func scanString(_ bytes: Span<UInt8>, allowsHalves: Bool) throws(JSONError) -> JSONExtent.Traits {
        var traits: JSONExtent.Traits = []
        var index = offset + 1
        while index < bytes.count {
            let byte = bytes[index]
            // Most bytes are lowercase letters, or of characters beyond ASCII.
            if byte > UInt8(ascii: "\\") {
                index += 1
            } else if byte == UInt8(ascii: "\"") {
                offset = index + 1
                return traits
            } else if byte == UInt8(ascii: "\\") {
                offset = index
                traits.formUnion(try scanEscape(bytes, allowsHalves: allowsHalves))
                index = offset
            } else if byte < 0x20 {
                throw .syntax(offset: index)
            } else {
                index += 1
            }
        }
        throw .truncated(offset: index)
    }

    private mutating func scanEscape(_ bytes: Span<UInt8>, allowsHalves: Bool) throws(JSONError) -> JSONExtent.Traits {
        let start = offset
        offset += 1
        switch try peek(bytes) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            let unit = try scanCodeUnit(bytes)
            if UTF16.isLeadSurrogate(unit), try scanTrail(bytes) { return .escaped }
            guard !UTF16.isSurrogate(unit) else {
                guard allowsHalves else { throw .loneSurrogate(offset: start) }
                return [.escaped, .hasLoneHalf]
            }
        default:
            throw .syntax(offset: offset)
        }
        return .escaped
    }

    /// Scans the escape of a trail surrogate, if the next bytes are one.
    ///
    /// - Returns: `true` if they are; otherwise the scanner has not moved.
    private mutating func scanTrail(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let start = offset
        guard try peek(bytes) == UInt8(ascii: "\\") else { return false }
        offset += 1
        if try peek(bytes) == UInt8(ascii: "u"), UTF16.isTrailSurrogate(try scanCodeUnit(bytes)) { return true }
        offset = start
        return false
    }

    /// Scans `uXXXX`.
    private mutating func scanCodeUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = JSONStringPiece.hexDigit(try peek(bytes)) else { throw .syntax(offset: offset) }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }
}
