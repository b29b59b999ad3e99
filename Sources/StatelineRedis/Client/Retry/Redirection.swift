/// The owner of a slot, as a redirection names it.
struct Redirection: Hashable, Sendable {
    /// The slot.
    let slot: HashSlot
    /// The host; `nil` for that of the node that was asked.
    let host: String?
    /// The port.
    let port: Int

    /// Reads the text after an error's code: a slot, a host and a port.
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

    /// Returns the owner's endpoint, as seen from the node that was asked.
    func endpoint(asSeenFrom node: RedisEndpoint) -> RedisEndpoint {
        Self.endpoint(host: host ?? "", port: port, asSeenFrom: node)
    }

    /// Returns the endpoint of a host and port.
    ///
    /// An empty host or `?` stands for that of the node that named it.
    static func endpoint(host: String, port: Int, asSeenFrom node: RedisEndpoint) -> RedisEndpoint {
        if !host.isEmpty, host != "?" { return .host(host, port: port) }
        if case .host(let host, _) = node { return .host(host, port: port) }
        return .host("127.0.0.1", port: port)
    }
}
