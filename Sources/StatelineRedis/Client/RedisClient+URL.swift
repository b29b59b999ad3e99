internal import NIOCore
internal import NIOPosix

extension RedisClient {
    /// Makes the client that a URL asks for, without a connection.
    ///
    /// - Parameters:
    ///   - url: The servers and the credentials. The URL overrides the configuration.
    ///   - configuration: The settings.
    ///   - group: The event loops.
    convenience init(
        _ url: RedisURL,
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        var configuration = configuration
        configuration.node.connection.apply(url.credentials, url.tls, over: configuration.tls)
        configuration.node.connection.database = url.database
        switch url.topology {
        case .server(let endpoint):
            self.init(server: endpoint, configuration.node, on: group)
        case .cluster(let seeds):
            self.init(cluster: seeds, configuration, on: group)
        case .sentinel(let sentinels, let primary):
            var sentinel = RedisConnection.Configuration()
            sentinel.clientName = configuration.node.connection.clientName
            sentinel.apply(url.sentinelCredentials, url.tls, over: configuration.tls)
            self.init(sentinels: sentinels, primary: primary, configuration, sentinel: sentinel, on: group)
        }
    }
}

extension RedisConnection.Configuration {
    /// Sets credentials and encryption.
    fileprivate mutating func apply(
        _ credentials: RedisURL.Credentials?,
        _ files: RedisURL.TLSFiles?,
        over settings: RedisTLS
    ) {
        user = credentials?.user
        password = (credentials?.password).map { Secret($0) }
        tls = files.map { files in
            var tls = settings
            tls.serverName = files.serverName ?? tls.serverName
            tls.verification = files.verification ?? tls.verification
            if let authorities = files.authorities { tls.trust = .file(path: authorities) }
            if let certificate = files.certificate, let key = files.key {
                tls.identity = RedisTLS.Identity(certificatePath: certificate, keyPath: key)
            }
            return tls
        }
    }
}
