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
            .truncatedAnswer, .choiceCount, .unknownFinishReason, .function, .cancelled:
            nil
        }
    }

    /// The time that the provider asks to wait before the next call; `nil` if it does not say.
    public var retryAfter: Duration? {
        switch self {
        case .rateLimited(let delay, _), .overloaded(let delay, _), .serverError(_, let delay, _): delay
        default: nil
        }
    }

    /// `true` if the same call can succeed later, without a change to the request, the account or the settings.
    ///
    /// An error inside an answer is as repeatable as its status would be. One that tells of no status is repeatable: the
    /// provider had taken the request. A call that was cut off may have been paid for.
    ///
    /// Source: RFC 9110, 15.5.9 and 15.5.10; the retries of the OpenAI and Anthropic clients (408, 409, 429, 5xx).
    public var isRetryable: Bool {
        switch self {
        case .connectionFailed, .rateLimited, .overloaded, .truncatedAnswer, .streamFailed: true
        case .timeout(let phase): phase != .total
        case .serverError(let status, _, _): status != 501 && status != 505
        case .invalidRequest(let status, _): status == 409
        case .secureConnectionFailed, .unauthorized, .notFound, .quotaExceeded, .paymentRequired, .contentFiltered,
            .contextSizeExceeded, .redirected, .unexpectedContentType, .malformedAnswer, .duplicateKey,
            .nestedTooDeeply, .invalidUTF8, .answerTooLarge, .tooManyToolCalls, .choiceCount, .unknownFinishReason,
            .function, .cancelled:
            false
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
