extension Transcript: Codable {
    /// Reads a transcript: an array of entries.
    public init(from decoder: any Decoder) throws {
        var elements = try decoder.unkeyedContainer()
        self.init()
        while !elements.isAtEnd { append(contentsOf: CollectionOfOne(try elements.decode(Entry.self))) }
    }

    /// Writes the transcript: an array of entries.
    public func encode(to encoder: any Encoder) throws {
        var elements = encoder.unkeyedContainer()
        for entry in self { try elements.encode(entry) }
    }
}
