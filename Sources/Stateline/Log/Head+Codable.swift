extension Head: Codable {
    private enum CodingKeys: String, CodingKey {
        case position, totals, view, extensions
        case openTurn = "open_turn"
    }

    /// Decodes a head.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(position: try container.decode(Position.self, forKey: .position))
        totals = try container.decode(Totals.self, forKey: .totals)
        view = try container.decode(View.self, forKey: .view)
        openTurn = try container.decodeIfPresent(OpenTurn.self, forKey: .openTurn)
        extensions = try container.decodeExtensions(forKey: .extensions, limit: BatchFormat.maximumExtensionSize)
    }

    /// Encodes the head.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(position, forKey: .position)
        try container.encode(totals, forKey: .totals)
        try container.encode(view, forKey: .view)
        try container.encodeIfPresent(openTurn, forKey: .openTurn)
        if !extensions.isEmpty { try container.encode(extensions, forKey: .extensions) }
    }
}

extension Head.Totals {
    /// Decodes sums of 0...2^53 - 1 each.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        entries = try container.decodeCount(forKey: .entries)
        crossings = try container.decodeCount(forKey: .crossings)
        sentAgainBytes = try container.decodeCount(forKey: .sentAgainBytes)
        repeatedToolBytes = try container.decodeCount(forKey: .repeatedToolBytes)
        newBytes = try container.decodeCount(forKey: .newBytes)
        receivedBytes = try container.decodeCount(forKey: .receivedBytes)
        sentAgainTokens = try container.decodeCount(forKey: .sentAgainTokens)
        newTokens = try container.decodeCount(forKey: .newTokens)
        cachedTokens = try container.decodeCount(forKey: .cachedTokens)
        outputTokens = try container.decodeCount(forKey: .outputTokens)
        cost = try container.decodeCountIfPresent(forKey: .cost) ?? 0
    }

    /// Encodes the sums; a cost of 0 is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(entries, forKey: .entries)
        try container.encode(crossings, forKey: .crossings)
        try container.encode(sentAgainBytes, forKey: .sentAgainBytes)
        try container.encode(repeatedToolBytes, forKey: .repeatedToolBytes)
        try container.encode(newBytes, forKey: .newBytes)
        try container.encode(receivedBytes, forKey: .receivedBytes)
        try container.encode(sentAgainTokens, forKey: .sentAgainTokens)
        try container.encode(newTokens, forKey: .newTokens)
        try container.encode(cachedTokens, forKey: .cachedTokens)
        try container.encode(outputTokens, forKey: .outputTokens)
        if cost > 0 { try container.encode(cost, forKey: .cost) }
    }
}

extension Head.View {
    /// Decodes a view, whose counts are 0...2^53 - 1.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        revision = try container.decode(Revision.self, forKey: .revision)
        entries = try container.decodeCount(forKey: .entries)
        sentEntries = try container.decodeCount(forKey: .sentEntries)
        sentTokens = try container.decodeCount(forKey: .sentTokens)
        sentTools = try container.decode(UInt32.self, forKey: .sentTools)
    }
}
