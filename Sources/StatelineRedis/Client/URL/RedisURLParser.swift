internal import NIOCore

/// A parser of the text of a ``RedisURL``, part by part.
///
/// It does not use Foundation's parser, which refuses several hosts, and its errors must not contain any part of the
/// text.
struct RedisURLParser {
    private enum Kind {
        case server
        case unixSocket
        case cluster
        case sentinel
    }

    private var rest: Substring

    init(_ text: String) {
        self.rest = text[...]
    }

    /// Reads the whole text.
    mutating func parse() throws(RedisURLError) -> RedisURL {
        let (kind, isEncrypted) = try scheme()
        guard !rest.contains("#") else { throw RedisURLError(.path, "# must be written as %23") }
        let query = splitQuery()
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let entry = try Self.entry(of: authority)
        var options = try RedisURLOptions(query)
        let (topology, database) = try Self.place(kind, hosts: entry.hosts, path: path, options: &options)
        let url = RedisURL(
            topology: topology,
            credentials: entry.credentials,
            sentinelCredentials: kind == .sentinel ? try options.sentinelCredentials() : nil,
            database: database,
            tls: isEncrypted ? try options.tlsFiles() : nil,
            timeout: try options.seconds("timeout"),
            options: try options.settings(hasSeveralNodes: kind == .cluster || kind == .sentinel)
        )
        try options.finish()
        return url
    }

    private mutating func scheme() throws(RedisURLError) -> (kind: Kind, isEncrypted: Bool) {
        let schemes: [(name: String, kind: Kind, isEncrypted: Bool)] = [
            ("redis://", .server, false), ("rediss://", .server, true), ("redis+unix://", .unixSocket, false),
            ("redis+cluster://", .cluster, false), ("rediss+cluster://", .cluster, true),
            ("redis+sentinel://", .sentinel, false), ("rediss+sentinel://", .sentinel, true),
        ]
        for scheme in schemes where rest.prefix(scheme.name.count).lowercased() == scheme.name {
            rest = rest.dropFirst(scheme.name.count)
            return (scheme.kind, scheme.isEncrypted)
        }
        let names = schemes.map(\.name).joined(separator: ", ")
        throw RedisURLError(.scheme, "the URL must begin with one of \(names)")
    }

    private mutating func splitQuery() -> Substring {
        let head = rest.prefix { $0 != "?" }
        defer { rest = head }
        return rest.dropFirst(head.count + 1)
    }

    /// Splits the user and the password from the hosts.
    private static func entry(
        of authority: Substring
    ) throws(RedisURLError) -> (credentials: RedisURL.Credentials?, hosts: Substring) {
        guard let at = authority.lastIndex(of: "@") else { return (nil, authority) }
        let entry = authority[..<at]
        guard !entry.contains("@") else {
            throw RedisURLError(.credentials, "@ in a user or a password must be written as %40")
        }
        guard let colon = entry.firstIndex(of: ":") else {
            throw RedisURLError(.credentials, "a user requires a password: user:password@ or :password@")
        }
        let user = try decoded(entry[..<colon])
        let password = try decoded(entry[entry.index(after: colon)...])
        guard !password.isEmpty else { throw RedisURLError(.credentials, "the password is empty") }
        let credentials = RedisURL.Credentials(user: user.isEmpty ? nil : user, password: password)
        return (credentials, authority[authority.index(after: at)...])
    }

    private static func place(
        _ kind: Kind,
        hosts: Substring,
        path: Substring,
        options: inout RedisURLOptions
    ) throws(RedisURLError) -> (RedisURL.Topology, database: Int) {
        switch kind {
        case .server:
            let endpoints = try endpoints(hosts, port: 6379)
            guard endpoints.count == 1 else {
                throw RedisURLError(.host, "give one host, or use redis+cluster:// for several")
            }
            return (.server(endpoints[0]), try database(path.dropFirst()))
        case .unixSocket:
            guard hosts.isEmpty else { throw RedisURLError(.host, "a Unix socket has no host: redis+unix:///path") }
            let socket = try decoded(path)
            guard socket.utf8.count > 1 else {
                throw RedisURLError(.path, "the path of the Unix socket is missing: redis+unix:///path")
            }
            return (.server(.unixSocket(path: socket)), try database(options.take("db").map { $0[...] } ?? ""))
        case .cluster:
            let seeds = try endpoints(hosts, port: 6379)
            guard try database(path.dropFirst()) == 0 else {
                throw RedisURLError(.database, "a cluster has only database 0")
            }
            return (.cluster(seeds), 0)
        case .sentinel:
            let sentinels = try endpoints(hosts, port: 26379)
            let parts = path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let primary = try decoded(parts.first ?? "")
            guard !primary.isEmpty else {
                throw RedisURLError(.path, "the name of the primary is missing: host:26379/name")
            }
            return (.sentinel(sentinels, primary: primary), try database(parts.count > 1 ? parts[1] : ""))
        }
    }

    private static func endpoints(_ hosts: Substring, port: Int) throws(RedisURLError) -> [RedisEndpoint] {
        var endpoints: [RedisEndpoint] = []
        for text in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try endpoint(text, port: port))
        }
        guard !endpoints.isEmpty else { throw RedisURLError(.host, "the host is missing") }
        guard Set(endpoints).count == endpoints.count else { throw RedisURLError(.host, "a host is given twice") }
        return endpoints
    }

    private static func endpoint(_ text: Substring, port standard: Int) throws(RedisURLError) -> RedisEndpoint {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw RedisURLError(.host, "a bracket is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw RedisURLError(.host, "only a port may follow a bracket")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard port?.contains(":") == false else {
                throw RedisURLError(.host, "an IPv6 address must be in brackets")
            }
        }
        let isAddress = text.first == "["
        let isValid = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isAddress
            default: false
            }
        }
        guard !host.isEmpty, isValid else { throw RedisURLError(.host, "a host is missing or invalid") }
        guard let port else { return .host(String(host), port: standard) }
        guard let number = integer(port), 1...65535 ~= number else {
            throw RedisURLError(.port, "a port must be a number from 1 to 65535")
        }
        return .host(String(host), port: number)
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        if text.isEmpty { return 0 }
        guard let number = integer(text) else { throw RedisURLError(.database, "the database must be a number from 0") }
        return number
    }

    /// Reads a number that consists of digits only.
    private static func integer(_ text: Substring) -> Int? {
        guard 1...9 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(text)
    }

    /// Decodes a percent-encoded text.
    static func decoded(_ text: Substring) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let value = UInt8(String(Substring(digits)), radix: 16)
            else { throw RedisURLError(.encoding, "% must be followed by two hexadecimal digits") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let result = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw RedisURLError(.encoding, "a percent-encoded part is not UTF-8 text")
        }
        return result
    }
}
