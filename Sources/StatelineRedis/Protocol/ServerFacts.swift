/// The fields of a server's `INFO` reply.
///
/// [INFO](https://redis.io/docs/latest/commands/info/).
struct ServerFacts: Sendable {
    private let fields: [Substring: Substring]

    /// Reads the reply of `INFO`.
    ///
    /// Lines that are not fields are ignored.
    init(_ text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.fields = fields
    }

    /// The value of a field; `nil` if the reply does not have it.
    subscript(name: String) -> String? { fields[name[...]].map(String.init) }

    /// The server's version, such as `7.0.15`.
    var version: String? { self["redis_version"] }

    /// `true` if the server may evict keys that have not expired when its memory is full; `nil` if the reply does not
    /// say.
    ///
    /// `volatile-` policies evict keys with an expiry, and sessions with a lifetime have one.
    var mayEvict: Bool? {
        guard let policy = self["maxmemory_policy"] else { return nil }
        return policy != "noeviction"
    }

    /// Returns `true` if a version is at least another one, part by part.
    static func isVersion(_ version: String, atLeast least: [Int]) -> Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return !parts.lexicographicallyPrecedes(least)
    }
}
