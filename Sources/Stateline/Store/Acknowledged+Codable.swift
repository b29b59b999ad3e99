extension Acknowledged: Codable {
    private enum Key: CodingKey {
        case level
        case replicas
    }

    private enum Level: String, Codable {
        case memory
        case primary
        case replicas
    }

    /// Reads a level, and the number of replicas for that level.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self =
            switch try container.decode(Level.self, forKey: .level) {
            case .memory: .memory
            case .primary: .primary
            case .replicas: .replicas(try container.decodeCount(forKey: .replicas))
            }
    }

    /// Writes a level, and the number of replicas for that level.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .memory: try container.encode(Level.memory, forKey: .level)
        case .primary: try container.encode(Level.primary, forKey: .level)
        case .replicas(let count):
            try container.encode(Level.replicas, forKey: .level)
            try container.encode(count, forKey: .replicas)
        }
    }
}
