#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension ModelError {
    /// Makes the error that an answer with a status of failure stands for.
    ///
    /// A dialect reads the provider's words by itself: they tell a used-up quota, a filter or a request that is too long
    /// from other failures of the same status.
    ///
    /// - Parameters:
    ///   - status: The HTTP status, anything but 2xx.
    ///   - headers: The answer's headers.
    ///   - message: The provider's words.
    public init(status: Int, headers: [(name: String, value: String)], message: ProviderMessage) {
        self.init(status: status, retryAfter: RetryAfter.delay(headers, now: Date()), message: message)
    }

    /// Makes the error of a status, whether a header or the body of an answer tells it.
    ///
    /// - Parameters:
    ///   - status: The status, anything but 2xx.
    ///   - retryAfter: The time that the provider asks to wait.
    ///   - message: The provider's words.
    public init(status: Int, retryAfter: Duration?, message: ProviderMessage) {
        switch status {
        case 300..<400: self = .redirected(status: status)
        case 401, 403: self = .unauthorized(status: status, message: message)
        case 402: self = .paymentRequired(message: message)
        case 404: self = .notFound(message: message)
        case 413: self = .contextSizeExceeded(message: message)
        case 429: self = .rateLimited(retryAfter: retryAfter, message: message)
        case 529: self = .overloaded(retryAfter: retryAfter, message: message)
        case 408, 425: self = .serverError(status: status, retryAfter: retryAfter, message: message)
        case 400..<500: self = .invalidRequest(status: status, message: message)
        default: self = .serverError(status: status, retryAfter: retryAfter, message: message)
        }
    }
}
