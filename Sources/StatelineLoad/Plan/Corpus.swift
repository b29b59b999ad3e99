internal import Stateline

/// Text to cut pieces from: words of three letters and a space, one for each token.
///
/// All sessions of a process cut from the same 256 KiB, so a load's text costs no more than its copies.
struct Corpus: Sendable {
    /// The bytes of a token.
    static let tokenBytes = 4
    /// The tokens of a block.
    static let blockTokens = 64
    private static let tokenCount = 1 << 16

    /// The shared corpus.
    static let shared = Corpus()

    private let bytes: [UInt8]

    private init() {
        var random = SplitMix64(seed: 0x73_74_61_74_65_6C_69_6E)
        var bytes: [UInt8] = []
        bytes.reserveCapacity((Self.tokenCount + Self.blockTokens) * Self.tokenBytes)
        for _ in 0..<Self.tokenCount + Self.blockTokens {
            let bits = random.next()
            for shift in [0, 16, 32] as [UInt64] {
                bytes.append(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: (bits >> shift) & 0xFFFF) % 26)
            }
            bytes.append(UInt8(ascii: " "))
        }
        self.bytes = bytes
    }

    /// Returns tokens of a block.
    ///
    /// - Parameters:
    ///   - name: The block's name: the same name gives the same text.
    ///   - tokens: The tokens within the block.
    /// - Returns: Their bytes, all of them ASCII.
    func block(_ name: UInt64, _ tokens: Range<Int>) -> ArraySlice<UInt8> {
        let start = Int(name % UInt64(Self.tokenCount))
        return bytes[(start + tokens.lowerBound) * Self.tokenBytes..<(start + tokens.upperBound) * Self.tokenBytes]
    }
}
