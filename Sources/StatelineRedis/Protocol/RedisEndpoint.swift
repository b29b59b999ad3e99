/// The address that a server listens at.
enum RedisEndpoint: Hashable, Sendable {
    /// A host and a port.
    case host(String, port: Int)
    /// A unix socket.
    case unixSocket(path: String)
}
