#if TLS
internal import NIOSSL
#endif
internal import NIOCore

/// How a connection is encrypted: TLS 1.2 at least, and the server's certificate and name verified, unless told.
struct RedisTLS: Hashable, Sendable {
    /// Whose signature makes a certificate good.
    enum Trust: Hashable, Sendable {
        /// Those that the system trusts.
        case system
        /// Those in a file of PEM certificates.
        case file(path: String)
    }

    /// The checks that are made of a server's certificate.
    typealias Verification = RedisConfiguration.Verification

    /// A certificate of ours, for servers that want one.
    struct Identity: Hashable, Sendable {
        /// A file of PEM certificates, ours first.
        var certificatePath: String
        /// A file with its key.
        var keyPath: String
    }

    /// Whose signature makes the server's certificate good.
    var trust = Trust.system
    /// How far it is looked at.
    var verification = Verification.full
    /// The server's name, where it is not the endpoint's host; asked for by SNI.
    var serverName: String?
    /// A certificate of ours.
    var identity: Identity?
}

/// What a channel needs to be encrypted, made once for a connection and off its loop, because it reads files.
struct TLSLayer: Sendable {
    #if TLS
    private let context: NIOSSLContext
    private let serverName: String?

    /// Reads the certificates.
    ///
    /// - Throws: ``RedisError/Reason-swift.enum/untrusted`` where they cannot be read.
    init(_ settings: RedisTLS, endpoint: RedisEndpoint) throws(RedisError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots =
            switch settings.trust {
            case .system: .default
            case .file(let path): .file(path)
            }
        configuration.certificateVerification =
            switch settings.verification {
            case .full: .fullVerification
            case .withoutName: .noHostnameVerification
            case .none: .none
            }
        do {
            if let identity = settings.identity {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificatePath)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.keyPath, format: .pem))
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(.untrusted, .notSent, message: "the certificates or keys could not be read")
        }
        var name = settings.serverName
        if name == nil, case .host(let host, _) = endpoint { name = host }
        // An address is not a name: then the certificate has to be for the address, which is looked up at the socket.
        serverName = name.flatMap { (try? SocketAddress(ipAddress: $0, port: 0)) == nil ? $0 : nil }
    }

    /// Puts the encryption in front of everything.
    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
    }
    #else
    /// Refuses: this was built without TLS.
    init(_ settings: RedisTLS, endpoint: RedisEndpoint) throws(RedisError) {
        throw RedisError(.untrusted, .notSent, message: "this was built without TLS")
    }

    /// Does nothing.
    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {}
    #endif

    /// What a failure within the encryption means for a connection; `nil` if it is not one.
    static func meaning(of error: any Error) -> RedisError? {
        #if TLS
        let untrusted = RedisError(.untrusted, .notSent, message: "the server's certificate was refused, or ours was")
        switch error {
        case is NIOSSLExtraError: return untrusted
        case NIOSSLError.handshakeFailed(.sslError): return untrusted
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate,
            NIOSSLError.cannotMatchULabel, NIOSSLError.cannotFindPeerIP:
            return untrusted
        case BoringSSLError.sslError: return untrusted
        case is NIOSSLError, is BoringSSLError:
            return RedisError(.unreachable, .notSent, message: "the connection could not be encrypted")
        default: return nil
        }
        #else
        return nil
        #endif
    }
}
