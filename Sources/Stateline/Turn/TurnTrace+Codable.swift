extension TurnTrace: Codable {
    private enum CodingKeys: String, CodingKey {
        case stages = "stage_nanoseconds"
        case total = "total_nanoseconds"
        case crossings
        case storeRoundTrips = "store_round_trips"
        case storeBytesRead = "store_bytes_read"
        case storeBytesWritten = "store_bytes_written"
        case cacheOutcome = "cache_outcome"
        case prefix
        case entriesCommitted = "entries_committed"
        case compactions
        case repairs
    }

    /// Decodes a trace.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        stages = try container.decode(StageTimes.self, forKey: .stages)
        total = .nanoseconds(try container.decode(Int64.self, forKey: .total))
        crossings = try container.decode([Crossing].self, forKey: .crossings)
        storeRoundTrips = try container.decodeCount(forKey: .storeRoundTrips)
        storeBytesRead = try container.decodeCount(forKey: .storeBytesRead)
        storeBytesWritten = try container.decodeCount(forKey: .storeBytesWritten)
        cacheOutcome = try container.decode(CacheOutcome.self, forKey: .cacheOutcome)
        prefix = try container.decode(PrefixStability.self, forKey: .prefix)
        entriesCommitted = try container.decodeCount(forKey: .entriesCommitted)
        compactions = try container.decodeIfPresent([Compaction].self, forKey: .compactions) ?? []
        repairs = try container.decodeIfPresent(RepairReport.self, forKey: .repairs) ?? RepairReport()
    }

    /// Encodes the trace; times are cut to whole nanoseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stages, forKey: .stages)
        try container.encode(total.wholeNanoseconds, forKey: .total)
        try container.encode(crossings, forKey: .crossings)
        try container.encode(storeRoundTrips, forKey: .storeRoundTrips)
        try container.encode(storeBytesRead, forKey: .storeBytesRead)
        try container.encode(storeBytesWritten, forKey: .storeBytesWritten)
        try container.encode(cacheOutcome, forKey: .cacheOutcome)
        try container.encode(prefix, forKey: .prefix)
        try container.encode(entriesCommitted, forKey: .entriesCommitted)
        if !compactions.isEmpty { try container.encode(compactions, forKey: .compactions) }
        if !repairs.isEmpty { try container.encode(repairs, forKey: .repairs) }
    }
}

extension TurnTrace.PrefixStability: Codable {
    private enum Key: CodingKey {
        case kind
        case offset
    }

    private enum Kind: String, Codable {
        case first
        case extended
        case broken
    }

    /// Reads a kind, and for a broken prefix its offset.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .first: .first
            case .extended: .extended
            case .broken: .broken(at: try container.decodeCount(forKey: .offset))
            }
    }

    /// Writes a kind, and for a broken prefix its offset.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .first: try container.encode(Kind.first, forKey: .kind)
        case .extended: try container.encode(Kind.extended, forKey: .kind)
        case .broken(let offset):
            try container.encode(Kind.broken, forKey: .kind)
            try container.encode(offset, forKey: .offset)
        }
    }
}
