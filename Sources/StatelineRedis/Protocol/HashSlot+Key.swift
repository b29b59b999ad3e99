extension HashSlot {
    /// The number of slots of a cluster.
    static var count: Int { 16_384 }

    /// Makes the slot of a key: of the text between its first `{` and the next `}` if there is any, otherwise of the
    /// whole key.
    ///
    /// [Cluster specification](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
    ///
    /// - Complexity: O(*n*) in the length of the key.
    init(_ key: some BidirectionalCollection<UInt8>) {
        self.init(rawValue: CRC16.checksum(of: Self.tag(of: key)) % UInt16(Self.count))
    }

    /// Makes the slot of a key.
    init(_ key: String) {
        self.init(key.utf8)
    }

    private static func tag<Key: BidirectionalCollection<UInt8>>(of key: Key) -> Key.SubSequence {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let rest = key[key.index(after: open)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex else { return key[...] }
        return rest[..<close]
    }
}

/// CRC-16/XMODEM: polynomial 0x1021, not reflected, initial value 0.
enum CRC16 {
    private static let table: [UInt16] = (0..<256)
        .map { byte in
            (0..<8)
                .reduce(UInt16(byte) << 8) { remainder, _ in
                    remainder & 0x8000 == 0 ? remainder << 1 : remainder << 1 ^ 0x1021
                }
        }

    /// Returns the checksum of bytes.
    static func checksum(of bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(sum >> 8 ^ UInt16(byte))] }
    }
}
