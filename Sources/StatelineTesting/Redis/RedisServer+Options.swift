internal import Foundation

extension RedisServer {
    /// How a server is started.
    public struct Options: Sendable {
        /// Which time a server sees.
        public enum Clock: Hashable, Sendable {
            /// The system's.
            case system
            /// One that stands still until ``RedisServer/advance(by:)``: libfaketime, of the Debian package `libfaketime`.
            ///
            /// Only the wall clock stands, by which keys expire; the server's event loop and its timeouts go on.
            case manual
        }

        /// The program: a name that is looked for in `PATH`, or a path.
        ///
        /// By default, what the environment variable `STATELINE_REDIS_SERVER` names, so that the same tests run with
        /// another version; `redis-server` without it.
        public var executable = ProcessInfo.processInfo.environment["STATELINE_REDIS_SERVER"] ?? "redis-server"
        /// Keeps an append-only file (`appendfsync always`), so that ``RedisServer/restart()`` brings back what was
        /// acknowledged: with `everysec` a server answers up to 2 s before it has written, where the disk is busy.
        ///
        /// No by default: a server that is started again is empty.
        ///
        /// Source: Redis, *Redis persistence*, https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
        public var appendOnly = false
        /// The password of the user `default`.
        public var password: String?
        /// Further users, each a line of `ACL SETUSER`: `app on >secret ~sl1:* +@all`.
        public var users: [String] = []
        /// The most bytes of memory, of which a fresh server has used about 1 MB; no limit by default.
        public var maxMemory: Int?
        /// What the server does at that limit.
        public var maxMemoryPolicy = "noeviction"
        /// Listens with TLS too, on a port of its own.
        public var tls: RedisCertificates?
        /// The certificate that it shows.
        public var tlsCertificate = RedisCertificates.Name.server
        /// Whether clients must show a certificate.
        public var tlsClients = false
        /// The time it sees.
        public var clock = Clock.system
        /// Further arguments: `["--min-replicas-to-write", "1"]`.
        public var arguments: [String] = []

        /// The usual ones: nothing is kept on disk, and `DEBUG` is allowed.
        public init() {}
    }
}

extension RedisServer.Options {
    /// The server's configuration file.
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
