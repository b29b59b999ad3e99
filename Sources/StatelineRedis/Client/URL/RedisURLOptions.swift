internal import NIOCore

/// The options of a ``RedisURL``, each taken once.
struct RedisURLOptions {
    private static let names: Set<String> = [
        "db", "timeout", "ca", "cert", "key", "sentinel-user", "sentinel-password",
    ]

    private var values: [String: String] = [:]

    /// Divides what follows the `?`.
    init(_ query: Substring) throws(RedisURLError) {
        for option in query.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.names.first(where: { $0 == parts[0] }) else {
                throw RedisURLError(.option, "an option is none of \(Self.names.sorted().joined(separator: ", "))")
            }
            let value = parts.count > 1 ? try RedisURLParser.decoded(parts[1]) : ""
            guard !value.isEmpty else { throw RedisURLError(.option, "the option \(name) is empty") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw RedisURLError(.option, "the option \(name) is given twice")
            }
        }
    }

    /// Takes an option.
    mutating func take(_ name: String) -> String? {
        values.removeValue(forKey: name)
    }

    /// Takes the files of TLS.
    mutating func tlsFiles() throws(RedisURLError) -> RedisURL.TLSFiles {
        let files = RedisURL.TLSFiles(authorities: take("ca"), certificate: take("cert"), key: take("key"))
        guard (files.certificate == nil) == (files.key == nil) else {
            throw RedisURLError(.option, "cert and key go together")
        }
        return files
    }

    /// Takes how to enter the sentinels.
    mutating func sentinelCredentials() throws(RedisURLError) -> RedisURL.Credentials? {
        let user = take("sentinel-user")
        guard let password = take("sentinel-password") else {
            guard user == nil else { throw RedisURLError(.option, "sentinel-user needs sentinel-password") }
            return nil
        }
        return RedisURL.Credentials(user: user, password: password)
    }

    /// Takes the longest that a command takes.
    mutating func timeout() throws(RedisURLError) -> TimeAmount? {
        guard let text = take("timeout") else { return nil }
        let isPlain = text.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
        guard isPlain, let seconds = Double(text), 0.001...86_400 ~= seconds else {
            throw RedisURLError(.option, "timeout is not a number of seconds from 0.001 to 86400")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }

    /// Checks that every option was of use.
    func finish() throws(RedisURLError) {
        guard let name = values.keys.min() else { return }
        throw RedisURLError(.option, "the option \(name) is of no use with this scheme")
    }
}
