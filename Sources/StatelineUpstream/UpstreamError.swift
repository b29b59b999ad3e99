/// An error of an ``Upstream`` that cannot serve.
public enum UpstreamError: Error, Hashable, Sendable {
    /// Another process listens on the port.
    case addressInUse(host: String, port: Int)
    /// The address cannot be listened on for another reason.
    case cannotListen(host: String, port: Int, description: String)
}

extension UpstreamError: CustomStringConvertible {
    /// The error in one line.
    public var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "port \(port) of \(host) is in use; choose another one, or 0 for any that is free"
        case .cannotListen(let host, let port, let description):
            "cannot listen on port \(port) of \(host): \(description)"
        }
    }
}
