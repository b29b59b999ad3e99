extension ModelError {
    /// The time that the provider asks to wait before the next call; `nil` if it does not say.
    public var retryAfter: Duration? {
        switch self {
        case .rateLimited(let delay, _), .overloaded(let delay, _), .serverError(_, let delay, _): delay
        default: nil
        }
    }

    /// `true` if the same call can succeed later, without a change to the request, the account or the settings.
    ///
    /// An error inside an answer is as repeatable as its status would be. One that tells of no status is repeatable,
    /// because the provider had taken the request. A call that was cut off may have been paid for, and one that took too
    /// long would take as long again.
    ///
    /// Source: RFC 9110, 15.5.9 and 15.5.10; the retries of the OpenAI and Anthropic clients (408, 409, 429, 5xx).
    public var isRetryable: Bool {
        switch self {
        case .connectionFailed, .timeout(.connect), .rateLimited, .overloaded, .truncatedAnswer, .streamFailed:
            true
        case .serverError(let status, _, _): status != 501 && status != 505
        case .invalidRequest(let status, _): status == 409
        case .timeout, .secureConnectionFailed, .unauthorized, .notFound, .quotaExceeded, .paymentRequired,
            .contentFiltered, .contextSizeExceeded, .redirected, .unexpectedContentType, .malformedAnswer,
            .duplicateKey, .nestedTooDeeply, .invalidUTF8, .answerTooLarge, .tooManyToolCalls, .choiceCount,
            .unknownFinishReason, .credentialsFailed, .function, .cancelled:
            false
        }
    }
}
