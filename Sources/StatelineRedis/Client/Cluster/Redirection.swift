/// Where a node of a cluster says that a slot is served.
struct Redirection: Hashable, Sendable {
    /// The slot.
    let slot: HashSlot
    /// The host; `nil` for the one that was asked.
    let host: String?
    /// The port.
    let port: Int

    /// Reads what follows the code: a slot, a host and a port.
    init?(_ text: Substring) {
        let parts = text.split(separator: " ")
        guard parts.count >= 2, let slot = UInt16(parts[0]), slot < HashSlot.count,
            let colon = parts[1].lastIndex(of: ":"),
            let port = Int(parts[1][parts[1].index(after: colon)...]), 1...65535 ~= port
        else { return nil }
        let host = parts[1][..<colon]
        self.slot = HashSlot(rawValue: slot)
        self.host = host.isEmpty || host == "?" ? nil : String(host)
        self.port = port
    }

    /// The node, as one sees it who asked another.
    func endpoint(asSeenFrom node: RedisEndpoint) -> RedisEndpoint {
        Self.endpoint(host: host ?? "", port: port, asSeenFrom: node)
    }

    /// A node by its host and port; one whose host is empty or `?` has that of the one who named it.
    static func endpoint(host: String, port: Int, asSeenFrom node: RedisEndpoint) -> RedisEndpoint {
        if !host.isEmpty, host != "?" { return .host(host, port: port) }
        if case .host(let host, _) = node { return .host(host, port: port) }
        return .host("127.0.0.1", port: port)
    }
}
