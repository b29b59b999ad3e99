/// The reason why a stateless call gave no answer.
///
/// A provider's text is one line of at most ``ProviderMessage/maximumLength`` characters, without a key.
@nonexhaustive
public enum ModelError: Error, Hashable, Sendable {
    /// No connection could be made.
    case connectionFailed(description: String)
    /// The peer's certificate was refused, or there was no common TLS.
    case secureConnectionFailed(description: String)
    /// A time limit was reached.
    case timeout(Phase)
    /// 401 or 403: the key is missing, wrong or not allowed to do this.
    case unauthorized(status: Int, message: ProviderMessage)
    /// 404: there is no such model or path.
    case notFound(message: ProviderMessage)
    /// 429: too many calls; wait as long as the provider says, if it does, and call again.
    case rateLimited(retryAfter: Duration?, message: ProviderMessage)
    /// The account has used up its quota: no wait of a usual length helps.
    case quotaExceeded(message: ProviderMessage)
    /// 402, or words such as "insufficient balance": the account has to be paid for.
    case paymentRequired(message: ProviderMessage)
    /// A filter of the provider refused the request's content.
    case contentFiltered(message: ProviderMessage)
    /// 413, or the provider's words: the request is longer than the model's context or than the provider takes.
    case contextSizeExceeded(message: ProviderMessage)
    /// Another 4xx: the provider does not take the request.
    case invalidRequest(status: Int, message: ProviderMessage)
    /// 529, or a word such as `overloaded_error`: the provider has more calls than it can serve.
    case overloaded(retryAfter: Duration?, message: ProviderMessage)
    /// 408, 425 or 5xx: the provider failed, or was not ready.
    case serverError(status: Int, retryAfter: Duration?, message: ProviderMessage)
    /// A redirect, which is not followed.
    case redirected(status: Int)
    /// The answer is not of the wanted media type, such as a page of HTML.
    case unexpectedContentType(String)
    /// The dialect does not allow the answer.
    case malformedAnswer(String)
    /// The answer holds the same key twice in one object.
    case duplicateKey(String)
    /// The answer's JSON is nested too deeply.
    case nestedTooDeeply(limit: Int)
    /// The answer holds bytes that are not UTF-8.
    case invalidUTF8
    /// The answer is larger than the limit.
    case answerTooLarge(limit: Int)
    /// The answer asks for more tool calls than ``Answer/maximumToolCallCount``.
    case tooManyToolCalls(limit: Int)
    /// The answer ended before it was whole.
    case truncatedAnswer(receivedBytes: Int)
    /// The provider sent an error in place of an answer, or within a stream, that tells of no status.
    ///
    /// An error whose code or type tells one is the error of that status.
    case streamFailed(message: ProviderMessage)
    /// The provider sent several choices, or none.
    case choiceCount(Int)
    /// The model stopped for a reason that the dialect does not know. The error carries the answer.
    case unknownFinishReason(String, Answer)
    /// The key of the call could not be had: its function threw, or took too long.
    case credentialsFailed(description: String)
    /// A ``FunctionModel``'s function threw.
    case function(description: String)
    /// The task was cancelled.
    case cancelled

    /// A part of a call with a time limit.
    @nonexhaustive
    public enum Phase: String, Hashable, Sendable {
        /// Making the connection.
        case connect
        /// Waiting for the answer's first byte.
        case firstByte
        /// Waiting for the next piece of an answer that has begun.
        case idle
        /// The whole call.
        case total
    }

    /// A short, constant code for the ledger and for metrics.
    public var code: String {
        switch self {
        case .connectionFailed: "connection_failed"
        case .secureConnectionFailed: "tls_failed"
        case .timeout(let phase): "timeout_\(phase.rawValue)"
        case .unauthorized: "unauthorized"
        case .notFound: "not_found"
        case .rateLimited: "rate_limited"
        case .quotaExceeded: "quota_exceeded"
        case .paymentRequired: "payment_required"
        case .contentFiltered: "content_filtered"
        case .contextSizeExceeded: "context_size_exceeded"
        case .invalidRequest: "invalid_request"
        case .overloaded: "overloaded"
        case .serverError: "server_error"
        case .redirected: "redirected"
        case .unexpectedContentType: "unexpected_content_type"
        case .malformedAnswer: "malformed_answer"
        case .duplicateKey: "duplicate_key"
        case .nestedTooDeeply: "nested_too_deeply"
        case .invalidUTF8: "invalid_utf8"
        case .answerTooLarge: "answer_too_large"
        case .tooManyToolCalls: "too_many_tool_calls"
        case .truncatedAnswer: "truncated_answer"
        case .streamFailed: "stream_failed"
        case .choiceCount: "choice_count"
        case .unknownFinishReason: "unknown_finish_reason"
        case .credentialsFailed: "credentials_failed"
        case .function: "function"
        case .cancelled: "cancelled"
        }
    }
}

extension ModelError: CustomStringConvertible {
    /// The failure, its cause and the remedy, in one line.
    public var description: String {
        switch self {
        case .connectionFailed(let text): "could not connect to the model: \(text)"
        case .secureConnectionFailed(let text): "could not make a secure connection to the model: \(text)"
        case .timeout(.connect): "connecting to the model took longer than the time limit"
        case .timeout(.firstByte):
            "the model did not begin to answer within the time limit: raise it if the model is slow"
        case .timeout(.idle):
            "the model stopped in the midst of its answer and sent nothing within the time limit: call again"
        case .timeout(.total): "the model did not end its answer within the time limit: raise it if the model is slow"
        case .unauthorized(let status, let text):
            "the provider refused the API key (status \(status)), check the key and its rights: \(text)"
        case .notFound(let text): "the provider has no such model or path (status 404): \(text)"
        case .rateLimited(let delay?, let text): "the rate limit was exceeded, retry after \(delay): \(text)"
        case .rateLimited(nil, let text): "the rate limit was exceeded, retry later: \(text)"
        case .quotaExceeded(let text): "the account's quota is used up, raise it or use another account: \(text)"
        case .paymentRequired(let text): "the provider demands a payment, check the account's billing: \(text)"
        case .contentFiltered(let text): "a content filter of the provider refused the request: \(text)"
        case .contextSizeExceeded(let text):
            "the request exceeds the model's context window, begin a new session or use another model: \(text)"
        case .invalidRequest(let status, let text): "the provider refused the request (status \(status)): \(text)"
        case .overloaded(let delay?, let text): "the provider is overloaded, retry after \(delay): \(text)"
        case .overloaded(nil, let text): "the provider is overloaded, retry later: \(text)"
        case .serverError(let status, _, let text): "the provider failed (status \(status)): \(text)"
        case .redirected(let status):
            "the provider answered with a redirect (HTTP \(status)), which is not followed: check the base URL"
        case .unexpectedContentType(let type):
            "the answer is \(type), not JSON: check that the base URL is that of the API"
        case .malformedAnswer(let text): "the answer is malformed: \(ProviderMessage(text))"
        case .duplicateKey(let key):
            "the answer is malformed: an object has two members named \(ProviderMessage(key).text.debugDescription)"
        case .nestedTooDeeply(let limit): "the answer is malformed: it is nested more than \(limit) levels deep"
        case .invalidUTF8: "the answer is malformed: it is not UTF-8"
        case .answerTooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .tooManyToolCalls(let limit): "the answer asks for more than \(limit) tool calls"
        case .truncatedAnswer(let bytes): "the answer was cut off after \(bytes) bytes: call again"
        case .streamFailed(let text): "the provider reported an error in its answer: \(text)"
        case .choiceCount(let count): "the answer has \(count) choices instead of one"
        case .unknownFinishReason(let reason, _):
            "the model stopped for an unknown reason: \(reason.debugDescription)"
        case .credentialsFailed(let text): "the key for the call could not be had: \(text)"
        case .function(let text): "the model's function failed: \(text)"
        case .cancelled: "the call was cancelled"
        }
    }
}
