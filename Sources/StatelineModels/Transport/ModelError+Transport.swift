internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Stateline

extension ModelError {
    /// Makes the error of a call without the head of an answer.
    ///
    /// - Parameters:
    ///   - error: The library's error. Its own description is used only if it holds no header and no URL.
    ///   - wasSent: `true` if there was a connection, so that the provider may have seen the request.
    ///   - isSecure: `true` if the connection uses TLS.
    ///   - overdue: The limit of the call that its deadline stands for.
    init(_ error: any Error, wasSent: Bool, isSecure: Bool, overdue: Phase) {
        if let known = ModelError(known: error, deadline: wasSent || overdue == .total ? overdue : .connect) {
            self = known
        } else if wasSent {
            self = .truncatedAnswer(receivedBytes: 0)
        } else if isSecure, ConnectionFailure.isReset(error) {
            // An absent peer refuses; a peer that resets was reached, and did not finish the handshake.
            self = .secureConnectionFailed(description: "the peer reset the connection")
        } else if let description = ConnectionFailure.description(of: error) {
            self = .connectionFailed(description: description)
        } else {
            let name = (error as? HTTPClientError)?.shortDescription ?? String(describing: type(of: error))
            self = isSecure ? .secureConnectionFailed(description: name) : .connectionFailed(description: name)
        }
    }

    /// Makes the error of an answer whose body ended with an error.
    init(midAnswer error: any Error, receivedBytes: Int) {
        self = ModelError(known: error, deadline: .total) ?? .truncatedAnswer(receivedBytes: receivedBytes)
    }

    /// Makes the error of a failure whose meaning does not depend on the time of it.
    private init?(known error: any Error, deadline: Phase) {
        switch error {
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError:
            guard let known = Self.meanings(deadline: deadline).first(where: { $0.error == error }) else { return nil }
            self = known.meaning
        case ChannelError.connectTimeout: self = .timeout(.connect)
        case let error as HTTPParserError where error != .invalidEOFState: self = .malformedAnswer("not HTTP")
        default: return nil
        }
    }

    private static func meanings(deadline: Phase) -> [(error: HTTPClientError, meaning: ModelError)] {
        [
            (.cancelled, .cancelled),
            (.deadlineExceeded, .timeout(deadline)),
            (.connectTimeout, .timeout(.connect)),
            (.tlsHandshakeTimeout, .timeout(.connect)),
            (.httpProxyHandshakeTimeout, .timeout(.connect)),
            (.socksHandshakeTimeout, .timeout(.connect)),
            (.getConnectionFromPoolTimeout, .timeout(.connect)),
            (.readTimeout, .timeout(deadline)),
            (.writeTimeout, .timeout(deadline)),
        ]
    }
}
