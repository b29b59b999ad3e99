internal import Foundation

/// Certificates for tests of TLS, made by the `openssl` command: an authority and the certificates that it signed.
///
/// ```swift
/// try await RedisCertificates.run { certificates in
///     var options = RedisServer.Options()
///     options.tls = certificates
///     try await RedisServer.run(options) { server in
///         // connect to localhost at server.tlsPort, trusting certificates.authorityPath
///     }
/// }
/// ```
public struct RedisCertificates: Sendable {
    /// A certificate that the authority signed.
    public enum Name: String, CaseIterable, Hashable, Sendable {
        /// For localhost and 127.0.0.1.
        case server
        /// For localhost and 127.0.0.1, expired.
        case expired
        /// For another host.
        case otherHost = "other-host"
        /// For a client.
        case client
    }

    /// The folder of the files.
    public let folder: String

    /// The certificate of the authority, PEM.
    public var authorityPath: String { folder + "/authority.crt" }
    /// The certificate of another authority, PEM.
    public var foreignAuthorityPath: String { folder + "/foreign.crt" }
    /// Returns the path of a certificate, PEM.
    public func certificatePath(_ name: Name) -> String { "\(folder)/\(name.rawValue).crt" }
    /// Returns the path of a certificate's private key, PEM.
    public func keyPath(_ name: Name) -> String { "\(folder)/\(name.rawValue).key" }

    /// Makes certificates, and removes them after the body.
    ///
    /// - Parameter body: A function that uses the certificates.
    /// - Returns: The body's result.
    /// - Throws: The body's error; ``RedisServerError`` if `openssl` is missing or fails.
    public static func run<Result>(_ body: (RedisCertificates) async throws -> Result) async throws -> Result {
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        let certificates = RedisCertificates(folder: folder)
        try await certificates.make()
        return try await body(certificates)
    }

    private func make() async throws {
        for authority in ["authority", "foreign"] {
            try await openssl(
                ["req", "-x509", "-days", "30", "-subj", "/CN=\(authority) of tests", "-out", "\(authority).crt"]
                    + Self.newKey(authority) + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
            )
        }
        try write("", to: folder + "/index.txt")
        try write("01\n", to: folder + "/serial")
        for name in Name.allCases {
            let names = name == .otherHost ? "DNS:elsewhere.example" : "DNS:localhost,IP:127.0.0.1"
            let usage = name == .client ? "clientAuth" : "serverAuth,clientAuth"
            try write(
                "subjectAltName=\(names)\nextendedKeyUsage=\(usage)\nbasicConstraints=CA:FALSE\n",
                to: "\(folder)/\(name.rawValue).ext"
            )
            try await openssl(
                ["req", "-subj", "/CN=\(name.rawValue)", "-out", "\(name.rawValue).csr"] + Self.newKey(name.rawValue)
            )
            // `x509` cannot sign with a time in the past; `ca` can.
            let time =
                name == .expired ? ["20200101000000Z", "20200102000000Z"] : ["20200101000000Z", "20991231000000Z"]
            try await openssl([
                "ca", "-batch", "-notext", "-config", "ca.conf", "-startdate", time[0], "-enddate", time[1],
                "-extfile", "\(name.rawValue).ext", "-in", "\(name.rawValue).csr", "-out", "\(name.rawValue).crt",
            ])
        }
    }

    private static func newKey(_ name: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(name).key"]
    }

    private static let authorityConfiguration = """
        [ca]
        default_ca = tests
        [tests]
        database = index.txt
        serial = serial
        new_certs_dir = .
        certificate = authority.crt
        private_key = authority.key
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = supplied

        """

    private func openssl(_ arguments: [String]) async throws {
        try write(Self.authorityConfiguration, to: folder + "/ca.conf")
        _ = try await SystemCommand.run("openssl", arguments, package: "openssl", folder: folder)
    }
}
