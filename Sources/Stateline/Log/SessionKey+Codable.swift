extension SessionKey: Codable {
    private enum Key: String, CodingKey {
        case tenant, id, family
    }

    /// Reads a key: `tenant`, `id`, and for a fork its `family`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        let id = try members.decode(String.self, forKey: .id)
        self.init(
            id,
            tenant: try members.decode(Tenant.self, forKey: .tenant),
            forkOf: try members.decodeIfPresent(String.self, forKey: .family) ?? id
        )
    }

    /// Writes the key: `tenant`, `id`, and for a fork its `family`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(tenant, forKey: .tenant)
        try members.encode(id, forKey: .id)
        if isFork { try members.encode(family, forKey: .family) }
    }
}
