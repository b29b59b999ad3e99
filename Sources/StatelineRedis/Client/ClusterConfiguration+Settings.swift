internal import NIOCore

extension ClusterConfiguration {
    /// Makes the settings of a client.
    ///
    /// - Parameters:
    ///   - configuration: The caller's settings.
    ///   - options: The URL's options, which override the caller's settings.
    init(_ configuration: RedisConfiguration, _ options: RedisURL.Options) {
        self.init()
        node.logger = configuration.logger
        node.connection.clientName = options.clientName ?? configuration.clientName
        node.connection.credentials = configuration.credentials
        node.connection.stallLimit = options.stallLimit ?? TimeAmount(configuration.stallLimit)
        tls.serverName = configuration.tlsServerName
        tls.verification = configuration.tlsVerification
        node.sharedConnections = options.connections ?? configuration.connections
        node.waitingLimit = options.waitingLimit ?? configuration.waitingLimit
        node.connectTimeout = options.connectTimeout ?? TimeAmount(configuration.connectTimeout)
        attemptTimeout = options.attemptTimeout ?? TimeAmount(configuration.attemptTimeout)
        nodeTimeout = options.nodeTimeout ?? TimeAmount(configuration.nodeTimeout)
    }

    /// Returns the default timeout of an operation: in a cluster and behind sentinels it outlives a failover.
    func timeout(for topology: RedisURL.Topology) -> TimeAmount {
        switch topology {
        case .server: .seconds(10)
        case .cluster, .sentinel: max(.seconds(10), nodeTimeout * 3)
        }
    }
}
