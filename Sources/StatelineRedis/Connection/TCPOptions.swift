#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore

/// The socket options of a TCP connection: no delay, and the times after which the system ends a connection whose peer
/// does not answer.
///
/// [tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html).
struct TCPOptions {
    /// A socket option and its value.
    typealias Setting = (option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)

    /// The idle time before the first probe, in seconds.
    ///
    /// Up to three probes follow at a third of that time.
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
        // The maximum time that bytes may stay unacknowledged is the maximum time that a server may stall.
        let milliseconds = configuration.stallLimit.nanoseconds / 1_000_000
        options.append((.tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)), Int(clamping: milliseconds)))
        #endif
        self.options = options
    }
}
