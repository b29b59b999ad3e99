extension RedisEndpoint: CustomStringConvertible {
    /// The host and the port, or the path.
    var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}
