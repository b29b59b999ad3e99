extension UInt128 {
    /// The 32 hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Reads 32 hexadecimal digits.
    init?(hexadecimal: Substring) {
        guard hexadecimal.utf8.count == 32, hexadecimal.allSatisfy(\.isHexDigit) else { return nil }
        self.init(hexadecimal, radix: 16)
    }
}

extension SingleValueDecodingContainer {
    /// Decodes 32 hexadecimal digits.
    func decodeHexadecimal() throws -> UInt128 {
        let text = try decode(String.self)
        guard let value = UInt128(hexadecimal: text[...]) else {
            throw DecodingError.dataCorruptedError(in: self, debugDescription: "not 32 hexadecimal digits")
        }
        return value
    }
}
