#if TLS
internal import NIOSSL
#endif
internal import NIOCore

/// The settings of a connection's encryption: TLS 1.2 or later, by default with full verification of the server's
/// certificate.
struct RedisTLS: Hashable, Sendable {
    /// The authorities whose signatures are trusted.
    enum Trust: Hashable, Sendable {
        /// The authorities that the system trusts.
        case system
        /// The authorities in a PEM file.
        case file(path: String)
    }

    /// A client certificate, for servers that require one.
    struct Identity: Hashable, Sendable {
        /// The path of a PEM file with the certificate first.
        var certificatePath: String
        /// The path of a file with its key.
        var keyPath: String
    }

    /// The authorities that may have signed the server's certificate.
    var trust = Trust.system
    /// The checks of the server's certificate.
    var verification = CertificateVerification.full
    /// The server's name, if it is not the endpoint's host; sent by SNI.
    var serverName: String?
    /// The client certificate, if there is one.
    var identity: Identity?
}

/// The encryption of a channel.
///
/// It is made outside the event loop, because it reads files.
struct TLSLayer: Sendable {
    #if TLS
    private let context: NIOSSLContext
    private let serverName: String?

    /// Reads the certificates.
    ///
    /// - Throws: ``RedisError/Reason-swift.enum/untrusted`` if they cannot be read.
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
            throw RedisError(.untrusted, .notSent, message: "the certificate or key files could not be read")
        }
        var name = settings.serverName
        if name == nil, case .host(let host, _) = endpoint { name = host }
        // An address is not a name: the certificate then has to be for the address, which is known from the socket.
        serverName = name.flatMap { (try? SocketAddress(ipAddress: $0, port: 0)) == nil ? $0 : nil }
    }

    /// Adds the encryption to a channel, before all other handlers.
    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
    }
    #else
    /// Throws: the library was built without TLS.
    init(_ settings: RedisTLS, endpoint: RedisEndpoint) throws(RedisError) {
        throw RedisError(.untrusted, .notSent, message: "the library was built without TLS")
    }

    /// Does nothing.
    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {}
    #endif

    /// Returns the error for a failure of the encryption; `nil` for another failure.
    static func meaning(of error: any Error) -> RedisError? {
        #if TLS
        let untrusted = RedisError(
            .untrusted,
            .notSent,
            message: "the server's certificate, or the client's, was refused"
        )
        // The server answered in plain text.
        if "\(error)".contains("WRONG_VERSION_NUMBER") { return .unencrypted }
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
