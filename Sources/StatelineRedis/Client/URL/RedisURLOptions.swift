internal import NIOCore
internal import Stateline

/// The options of a ``RedisURL``, each taken once.
struct RedisURLOptions {
    private static let names: Set<String> = [
        "db", "timeout", "ca", "cert", "key", "sentinel-user", "sentinel-password", "namespace", "connections",
        "waiting-limit", "connect-timeout", "attempt-timeout", "node-timeout", "stall-limit", "client-name", "replicas",
        "replicas-timeout", "eviction", "tls-server-name", "tls-verify",
    ]

    private var values: [String: String] = [:]

    /// Splits the text after the `?`.
    init(_ query: Substring) throws(RedisURLError) {
        for option in query.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.names.first(where: { $0 == parts[0] }) else {
                throw RedisURLError(
                    .option,
                    "unknown option; the options are \(Self.names.sorted().joined(separator: ", "))"
                )
            }
            let value = parts.count > 1 ? try RedisURLParser.decoded(parts[1]) : ""
            guard !value.isEmpty else { throw RedisURLError(.option, "option \(name) is empty") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw RedisURLError(.option, "option \(name) is given twice")
            }
        }
    }

    /// Removes and returns an option.
    mutating func take(_ name: String) -> String? {
        values.removeValue(forKey: name)
    }

    /// Takes the files of TLS.
    mutating func tlsFiles() throws(RedisURLError) -> RedisURL.TLSFiles {
        var files = RedisURL.TLSFiles(authorities: take("ca"), certificate: take("cert"), key: take("key"))
        files.serverName = take("tls-server-name")
        if let text = take("tls-verify") {
            guard let verification = CertificateVerification(rawValue: text) else {
                throw RedisURLError(.option, "tls-verify must be full, chain or none")
            }
            files.verification = verification
        }
        guard (files.certificate == nil) == (files.key == nil) else {
            throw RedisURLError(.option, "cert and key must be given together")
        }
        return files
    }

    /// Takes the credentials for the sentinels.
    mutating func sentinelCredentials() throws(RedisURLError) -> RedisURL.Credentials? {
        let user = take("sentinel-user")
        guard let password = take("sentinel-password") else {
            guard user == nil else { throw RedisURLError(.option, "sentinel-user requires sentinel-password") }
            return nil
        }
        return RedisURL.Credentials(user: user, password: password)
    }

    /// Takes the settings of the store and of its connections.
    mutating func settings(hasSeveralNodes: Bool) throws(RedisURLError) -> RedisURL.Options {
        var settings = RedisURL.Options()
        if let text = take("namespace") {
            settings.namespace = RedisNamespace(text)
            guard settings.namespace != nil else {
                throw RedisURLError(.option, "namespace must be 1 to 64 letters, digits, '-', '_' or '.'")
            }
        }
        settings.connections = try count("connections", 1...64)
        settings.waitingLimit = try count("waiting-limit", 1...1_000_000)
        settings.connectTimeout = try seconds("connect-timeout")
        settings.stallLimit = try seconds("stall-limit")
        if hasSeveralNodes {
            settings.attemptTimeout = try seconds("attempt-timeout")
            settings.nodeTimeout = try seconds("node-timeout")
        }
        if let name = take("client-name") {
            guard name.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw RedisURLError(.option, "client-name must not contain spaces or unprintable characters")
            }
            settings.clientName = name
        }
        settings.acknowledgement = try acknowledgement()
        if let text = take("eviction") {
            guard ["accept", "refuse"].contains(text) else {
                throw RedisURLError(.option, "eviction must be accept or refuse")
            }
            settings.acceptsEviction = text == "accept"
        }
        return settings
    }

    /// Takes the replicas that a commit waits for.
    private mutating func acknowledgement() throws(RedisURLError) -> Acknowledgement? {
        let timeout = try seconds("replicas-timeout")
        guard let replicas = try count("replicas", 0...64) else {
            guard timeout == nil else { throw RedisURLError(.option, "replicas-timeout requires replicas") }
            return nil
        }
        return replicas == 0 ? .primary : .replicas(replicas, timeout: Duration(timeout ?? .seconds(1)))
    }

    /// Takes a number.
    private mutating func count(_ name: String, _ range: ClosedRange<Int>) throws(RedisURLError) -> Int? {
        guard let text = take(name) else { return nil }
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text), range ~= number else {
            throw RedisURLError(
                .option,
                "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// Takes a time in seconds.
    mutating func seconds(_ name: String) throws(RedisURLError) -> TimeAmount? {
        guard let text = take(name) else { return nil }
        let isPlain = text.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
        guard isPlain, let seconds = Double(text), 0.001...86_400 ~= seconds else {
            throw RedisURLError(.option, "\(name) must be a number of seconds from 0.001 to 86400")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }

    /// Checks that every option was taken.
    func finish() throws(RedisURLError) {
        guard let name = values.keys.min() else { return }
        throw RedisURLError(.option, "option \(name) does not apply to this scheme")
    }
}
