extension Batch.Kind: Codable {
    private static let words: [(word: String, kind: Batch.Kind)] = [
        ("creation", .creation), ("turn", .turn), ("crossings", .crossings), ("view", .view), ("fork", .fork),
        ("values", .values),
        ("step", .step),
        ("repair", .repair), ("edit", .edit),
        ("rekey", .rekey),
    ]

    /// Decodes a kind from its word, or from the number of one that has no word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let word = try? container.decode(String.self) else {
            self.init(rawValue: try container.decode(UInt8.self))
            return
        }
        guard let (_, kind) = Self.words.first(where: { $0.word == word }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a kind of batch")
        }
        self = kind
    }

    /// Encodes the kind as its word, or as its number if it has no word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let (word, _) = Self.words.first(where: { $0.kind == self }) {
            try container.encode(word)
        } else {
            try container.encode(rawValue)
        }
    }
}
