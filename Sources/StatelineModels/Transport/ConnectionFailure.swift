#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOPosix

/// Why no connection was made, in words for people: the library's own are for its developers.
enum ConnectionFailure {
    /// The words for an error of the library's, or `nil` for one that tells nothing about the network.
    static func description(of error: any Error) -> String? {
        switch error {
        case let error as NIOConnectionError: attempts(error)
        case let error as IOError: reason(error)
        default: nil
        }
    }

    /// Whether the peer reset a connection that it had taken.
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
        case ECONNREFUSED: "connection refused, nothing listens there"
        case ENETUNREACH, EHOSTUNREACH: "the host cannot be reached"
        case ETIMEDOUT: "no answer in time"
        case ECONNRESET: "connection reset"
        case EADDRNOTAVAIL: "no local address or port is free"
        case EMFILE, ENFILE: "too many open files"
        case let code: "system error \(code)"
        }
    }
}
