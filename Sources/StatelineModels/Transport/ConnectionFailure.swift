#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOPosix

/// Descriptions of why no connection was made.
///
/// The library's own descriptions are for its developers.
enum ConnectionFailure {
    /// Describes an error of the library; `nil` if it tells nothing about the network.
    static func description(of error: any Error) -> String? {
        switch error {
        case let error as NIOConnectionError: attempts(error)
        case let error as IOError: reason(error)
        default: nil
        }
    }

    /// Returns `true` if the peer reset a connection that it had accepted.
    static func isReset(_ error: any Error) -> Bool {
        let causes = (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        return causes.contains { cause in
            let code = (cause as? IOError)?.errnoCode
            return code == ECONNRESET || code == EPIPE
        }
    }

    private static func attempts(_ error: NIOConnectionError) -> String {
        guard let failure = error.connectionErrors.last else { return "\(error.host) has no address" }
        let cause = (failure.error as? IOError).map(reason) ?? "no answer"
        return "\(error.host):\(error.port): \(cause)"
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused, no server is listening there"
        case ENETUNREACH, EHOSTUNREACH: "the host is unreachable"
        case ETIMEDOUT: "the connection timed out"
        case ECONNRESET: "connection reset"
        case EADDRNOTAVAIL: "no local address or port is available"
        case EMFILE, ENFILE: "too many open files"
        case let code: "system error \(code)"
        }
    }
}
