extension ModelError {
    /// The provider's words and code, if it sent some.
    public var providerMessage: ProviderMessage? {
        switch self {
        case .unauthorized(_, let message), .notFound(let message), .rateLimited(_, let message),
            .quotaExceeded(let message), .paymentRequired(let message), .contentFiltered(let message),
            .contextSizeExceeded(let message), .invalidRequest(_, let message), .overloaded(_, let message),
            .serverError(_, _, let message), .streamFailed(let message):
            message
        case .connectionFailed, .secureConnectionFailed, .timeout, .redirected, .unexpectedContentType,
            .malformedAnswer, .duplicateKey, .nestedTooDeeply, .invalidUTF8, .answerTooLarge, .tooManyToolCalls,
            .truncatedAnswer, .choiceCount, .unknownFinishReason, .credentialsFailed, .function, .cancelled:
            nil
        }
    }

    /// Returns the error with the provider's name of the request, if it holds the provider's words.
    public func naming(request id: String?) -> ModelError {
        guard let id, var message = providerMessage, message.requestID == nil else { return self }
        message.requestID = id
        return switch self {
        case .unauthorized(let status, _): .unauthorized(status: status, message: message)
        case .notFound: .notFound(message: message)
        case .rateLimited(let delay, _): .rateLimited(retryAfter: delay, message: message)
        case .quotaExceeded: .quotaExceeded(message: message)
        case .paymentRequired: .paymentRequired(message: message)
        case .contentFiltered: .contentFiltered(message: message)
        case .contextSizeExceeded: .contextSizeExceeded(message: message)
        case .invalidRequest(let status, _): .invalidRequest(status: status, message: message)
        case .overloaded(let delay, _): .overloaded(retryAfter: delay, message: message)
        case .serverError(let status, let delay, _):
            .serverError(status: status, retryAfter: delay, message: message)
        case .streamFailed: .streamFailed(message: message)
        default: self
        }
    }
}
