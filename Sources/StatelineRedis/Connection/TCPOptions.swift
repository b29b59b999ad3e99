#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore

/// The socket options of a TCP connection: no delay, and bounds after which the system ends a connection whose other side
/// does not answer any more.
///
/// [tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html).
struct TCPOptions {
    /// An option of a socket, and its value.
    typealias Setting = (option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)

    /// How long an idle connection is not probed, in seconds; then it is probed at a third of that, three times.
    private static let idleSeconds = 15

    /// The options.
    let options: [Setting]

    /// Makes the options of a connection.
    init(_ configuration: RedisConnection.Configuration) {
        var options: [Setting] = [
            (.tcpOption(.tcp_nodelay), 1),
            (.socketOption(.so_keepalive), 1),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), Self.idleSeconds / 3),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), 3),
        ]
        #if canImport(Darwin)
        options.append((.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPALIVE)), Self.idleSeconds))
        #else
        options.append((.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), Self.idleSeconds))
        // Bytes that stay unacknowledged for as long as a server may stall.
        let milliseconds = configuration.stallLimit.nanoseconds / 1_000_000
        options.append((.tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)), Int(clamping: milliseconds)))
        #endif
        self.options = options
    }
}
