/// What a server says of itself: the fields of `INFO`.
///
/// [INFO](https://redis.io/docs/latest/commands/info/).
struct ServerFacts: Sendable {
    private let fields: [Substring: Substring]

    /// Reads the reply of `INFO`; lines that are no field are left out.
    init(_ text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.fields = fields
    }

    /// A field's value; `nil` where the server does not say.
    subscript(name: String) -> String? { fields[name[...]].map(String.init) }

    /// The server's version, such as `7.0.15`.
    var version: String? { self["redis_version"] }

    /// Whether the server may give up keys that have not expired when its memory is full; `nil` where it does not say.
    ///
    /// `volatile-` policies give up keys that have an expiry, and sessions have one where they have a lifetime.
    var mayEvict: Bool? {
        guard let policy = self["maxmemory_policy"] else { return nil }
        return policy != "noeviction"
    }

    /// Whether a version is at least another one, part by part.
    static func isVersion(_ version: String, atLeast least: [Int]) -> Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return !parts.lexicographicallyPrecedes(least)
    }
}
