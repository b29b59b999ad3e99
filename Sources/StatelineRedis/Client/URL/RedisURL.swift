internal import NIOCore
internal import Stateline

/// The address of a Redis, with credentials and settings.
///
/// | URL | Topology |
/// |---|---|
/// | `redis://[[user]:password@]host[:6379][/db]` | one server |
/// | `rediss://…` | the same, over TLS |
/// | `redis+unix://[[user]:password@]/path/of.sock[?db=0]` | one server behind a unix socket |
/// | `redis+cluster://[…@]host[:6379],host[:6379]` | a cluster, and some of its nodes |
/// | `redis+sentinel://[…@]host[:26379],host[:26379]/primary[/db]` | the primary that sentinels name |
/// | `rediss+cluster://…`, `rediss+sentinel://…` | the same, over TLS |
///
/// A user, a password, a path and the value of an option may contain any character as `%` and two hexadecimal digits.
/// An IPv6 address is written in brackets. Options follow a `?`, separated by `&`:
///
/// | option | Meaning | Schemes |
/// |---|---|---|
/// | `db` | the database | `redis+unix`, whose path is the socket |
/// | `timeout` | the longest that an operation takes, in seconds, such as `2.5` | all |
/// | `namespace` | the namespace of all keys, see ``RedisNamespace`` | all |
/// | `connections`, `waiting-limit` | ``RedisConfiguration/connections``, ``RedisConfiguration/waitingLimit`` | all |
/// | `connect-timeout`, `stall-limit` | seconds: ``RedisConfiguration/connectTimeout``, ``RedisConfiguration/stallLimit`` | all |
/// | `attempt-timeout`, `node-timeout` | seconds: ``RedisConfiguration/attemptTimeout``, ``RedisConfiguration/nodeTimeout`` | cluster, sentinels |
/// | `client-name` | the name that `CLIENT LIST` shows | all |
/// | `replicas`, `replicas-timeout` | the replicas that a commit waits for, and the most seconds that it waits, 1 by default | all |
/// | `eviction` | `accept` or `refuse` servers that evict live sessions when their memory is full | all |
/// | `tls-server-name` | the name that the server's certificate has to be for | TLS |
/// | `tls-verify` | the checks of the certificate: `full`, `chain` (not its name) or `none` | TLS |
/// | `ca` | a PEM file of authorities to trust instead of the system's | TLS |
/// | `cert`, `key` | files of this client's certificate and its key, both or neither | TLS |
/// | `sentinel-user`, `sentinel-password` | the credentials for the sentinels | sentinels |
///
/// Descriptions, dumps and interpolations show neither passwords nor file names.
public struct RedisURL: Hashable, Sendable {
    /// The servers behind a URL.
    enum Topology: Hashable, Sendable {
        /// One server.
        case server(RedisEndpoint)
        /// A cluster, and some of its nodes.
        case cluster([RedisEndpoint])
        /// The primary that sentinels name.
        case sentinel([RedisEndpoint], primary: String)
    }

    /// A user and a password.
    struct Credentials: Hashable, Sendable {
        /// The user; `nil` for the default user.
        let user: String?
        /// The password.
        let password: String
    }

    /// The files of TLS.
    struct TLSFiles: Hashable, Sendable {
        /// The file of trusted authorities; `nil` for the system's.
        var authorities: String?
        /// The file of the client's certificate.
        var certificate: String?
        /// The file of the certificate's key.
        var key: String?
        /// The name that the server's certificate has to be for.
        var serverName: String?
        /// The checks that are made of the server's certificate.
        var verification: CertificateVerification?
    }

    /// The settings of a URL; `nil` for those that it does not have.
    struct Options: Hashable, Sendable {
        var namespace: RedisNamespace?
        var connections: Int?
        var waitingLimit: Int?
        var connectTimeout: TimeAmount?
        var attemptTimeout: TimeAmount?
        var nodeTimeout: TimeAmount?
        var stallLimit: TimeAmount?
        var clientName: String?
        var acknowledgement: Acknowledgement?
        var acceptsEviction: Bool?
    }

    /// The servers.
    let topology: Topology
    /// The credentials for the servers.
    let credentials: Credentials?
    /// The credentials for the sentinels.
    let sentinelCredentials: Credentials?
    /// The database.
    let database: Int
    /// The files of TLS; `nil` for no encryption.
    let tls: TLSFiles?
    /// The maximum time that an operation takes.
    let timeout: TimeAmount?
    /// Settings that override the caller's.
    let options: Options

    /// Reads a URL.
    ///
    /// - Parameter text: The URL.
    /// - Throws: ``RedisURLError``, which contains nothing of the text.
    /// - Complexity: O(*n*) in the length of the text.
    public init(_ text: String) throws(RedisURLError) {
        var parser = RedisURLParser(text)
        self = try parser.parse()
    }

    init(
        topology: Topology,
        credentials: Credentials? = nil,
        sentinelCredentials: Credentials? = nil,
        database: Int = 0,
        tls: TLSFiles? = nil,
        timeout: TimeAmount? = nil,
        options: Options = Options()
    ) {
        self.topology = topology
        self.credentials = credentials
        self.sentinelCredentials = sentinelCredentials
        self.database = database
        self.tls = tls
        self.timeout = timeout
        self.options = options
    }

    /// `true` if the connections are encrypted.
    public var isEncrypted: Bool { tls != nil }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without password and options.
    public var description: String {
        let scheme = tls == nil ? "redis" : "rediss"
        let entry = credentials.map { "\($0.user ?? ""):<redacted>@" } ?? ""
        let databasePart = database == 0 ? "" : "/\(database)"
        switch topology {
        case .server(.unixSocket(let path)):
            return "redis+unix://\(entry)\(path)" + (database == 0 ? "" : "?db=\(database)")
        case .server(let endpoint):
            return "\(scheme)://\(entry)\(endpoint)\(databasePart)"
        case .cluster(let seeds):
            return "\(scheme)+cluster://\(entry)\(Self.list(seeds))"
        case .sentinel(let sentinels, let primary):
            return "\(scheme)+sentinel://\(entry)\(Self.list(sentinels))/\(primary)\(databasePart)"
        }
    }

    /// The URL without password and options.
    public var debugDescription: String { description }

    /// The URL without password and options.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    private static func list(_ endpoints: [RedisEndpoint]) -> String {
        endpoints.map(\.description).joined(separator: ",")
    }
}

extension RedisURL.Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The user, without the password.
    var description: String { "\(user ?? ""):<redacted>" }
    /// The user, without the password.
    var debugDescription: String { description }
    /// An empty mirror.
    var customMirror: Mirror { Mirror(self, children: []) }
}
