internal import Foundation

extension RedisServer {
    /// The options of a server.
    public struct Options: Sendable {
        /// The source of a server's time.
        public enum Clock: Hashable, Sendable {
            /// The system's.
            case system
            /// A clock that stands still until ``RedisServer/advance(by:)``: libfaketime, of the Debian package
            /// `libfaketime`.
            ///
            /// Only the wall clock stands, by which keys expire; the server's event loop and its timeouts continue.
            case manual
        }

        /// The program: a name in `PATH`, or a path.
        ///
        /// By default, the value of the environment variable `STATELINE_REDIS_SERVER`, so that the same tests run with
        /// another version, or `redis-server`.
        public var executable = ProcessInfo.processInfo.environment["STATELINE_REDIS_SERVER"] ?? "redis-server"
        /// `true` to keep an append-only file (`appendfsync always`), so that ``RedisServer/restart()`` brings back all
        /// acknowledged writes.
        ///
        /// With `everysec` a server answers up to 2 s before it has written, if the disk is busy.
        ///
        /// `false` by default: a restarted server is empty.
        ///
        /// Source: Redis, *Redis persistence*,
        /// https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
        public var appendOnly = false
        /// The password of the user `default`.
        public var password: String?
        /// Further users, each a line of `ACL SETUSER`: `app on >secret ~sl1:* +@all`.
        public var users: [String] = []
        /// The maximum memory in bytes, of which a fresh server uses about 1 MB; unlimited by default.
        public var maxMemory: Int?
        /// The policy at that limit.
        public var maxMemoryPolicy = "noeviction"
        /// The certificates for TLS, on a port of its own; `nil` for no TLS.
        public var tls: RedisCertificates?
        /// The certificate of the server.
        public var tlsCertificate = RedisCertificates.Name.server
        /// `true` if clients must present a certificate.
        public var tlsClients = false
        /// The source of its time.
        public var clock = Clock.system
        /// Further arguments: `["--min-replicas-to-write", "1"]`.
        public var arguments: [String] = []

        /// Creates the default options: nothing is written to disk, and `DEBUG` is allowed.
        public init() {}
    }
}

extension RedisServer.Options {
    /// Returns the text of the server's configuration file.
    func configuration(folder: String, port: Int, tlsPort: Int?, administrator: String, sentinel: Bool) -> String {
        var lines = [
            "dir \(folder)", "unixsocket \(folder)/redis.sock", "bind 127.0.0.1", "port \(port)",
            "user administrator on >\(administrator) ~* &* +@all",
        ]
        lines += users.map { "user \($0)" }
        if let password { lines.append("requirepass \(password)") }
        if let tls, let tlsPort {
            lines += [
                "tls-port \(tlsPort)", "tls-ca-cert-file \(tls.authorityPath)",
                "tls-cert-file \(tls.certificatePath(tlsCertificate))", "tls-key-file \(tls.keyPath(tlsCertificate))",
                "tls-auth-clients \(tlsClients ? "yes" : "no")",
            ]
        }
        if let password { lines += sentinel ? [] : ["masteruser default", "masterauth \(password)"] }
        guard !sentinel else { return lines.joined(separator: "\n") + "\n" }
        lines += [
            "save \"\"", "appendonly \(appendOnly ? "yes" : "no")", "appendfsync always", "enable-debug-command local",
            "repl-diskless-sync-delay 0", "maxmemory \(maxMemory ?? 0)", "maxmemory-policy \(maxMemoryPolicy)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
