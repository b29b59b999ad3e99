#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension ModelError {
    /// Makes the error that an answer with a status of failure stands for.
    ///
    /// A dialect finds out by itself if a request was longer than the model's context: no status says so.
    ///
    /// - Parameters:
    ///   - status: The HTTP status, anything but 2xx.
    ///   - headers: The answer's headers.
    ///   - message: The provider's words.
    public init(status: Int, headers: [(name: String, value: String)], message: ProviderMessage) {
        let retryAfter = headers.first { $0.name.lowercased() == "retry-after" }
            .flatMap { RetryAfter.delay($0.value, now: Date()) }
        switch status {
        case 300..<400: self = .redirected(status: status)
        case 401, 403: self = .unauthorized(status: status, message: message)
        case 404: self = .notFound(message: message)
        case 429: self = .rateLimited(retryAfter: retryAfter, message: message)
        case 400..<500: self = .invalidRequest(status: status, message: message)
        default: self = .serverError(status: status, retryAfter: retryAfter, message: message)
        }
    }
}
