extension Head: Codable {
    private enum CodingKeys: String, CodingKey {
        case position, totals, view, extensions
    }

    /// Decodes a head.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(position: try container.decode(Position.self, forKey: .position))
        totals = try container.decode(Totals.self, forKey: .totals)
        view = try container.decode(View.self, forKey: .view)
        extensions = try container.decodeIfPresent([FormatExtension].self, forKey: .extensions) ?? []
    }

    /// Encodes the head.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(position, forKey: .position)
        try container.encode(totals, forKey: .totals)
        try container.encode(view, forKey: .view)
        if !extensions.isEmpty { try container.encode(extensions, forKey: .extensions) }
    }
}
