internal import NIOCore
internal import NIOPosix

/// Makes the client that a URL asks for.
enum RedisClients {
    /// Makes a client, without a connection.
    ///
    /// - Parameters:
    ///   - url: Where the servers are and how they are entered; this goes over what the configuration says of it.
    ///   - configuration: How they are treated.
    ///   - group: The loops.
    /// - Returns: The client, which its owner closes.
    static func make(
        for url: RedisURL,
        _ configuration: ClusterConfiguration = ClusterConfiguration(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) -> any RedisClient {
        var configuration = configuration
        configuration.node.connection.enter(url.credentials, url.tls, over: configuration.tls)
        configuration.node.connection.database = url.database
        switch url.topology {
        case .server(let endpoint):
            return RedisServerClient(endpoint, configuration.node, on: group)
        case .cluster(let seeds):
            return RedisClusterClient(seeds: seeds, configuration, on: group)
        case .sentinel(let sentinels, let primary):
            var sentinel = RedisConnection.Configuration()
            sentinel.clientName = configuration.node.connection.clientName
            sentinel.enter(url.sentinelCredentials, url.tls, over: configuration.tls)
            return RedisSentinelClient(sentinels, primary: primary, configuration, sentinel: sentinel, on: group)
        }
    }
}

extension RedisConnection.Configuration {
    /// Says how to enter a server.
    fileprivate mutating func enter(
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
