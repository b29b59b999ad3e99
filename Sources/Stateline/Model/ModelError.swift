/// Why a stateless call gave no answer.
///
/// Texts of providers are cut to a length that a line of a log can hold, and never contain a key.
@nonexhaustive
public enum ModelError: Error, Hashable, Sendable {
    /// No connection could be made.
    case connectionFailed(description: String)
    /// The peer's certificate was refused, or there was no common TLS.
    case secureConnectionFailed(description: String)
    /// A time limit was reached.
    case timeout(Phase)
    /// 401 or 403: the key is missing, wrong or not allowed to do this.
    case unauthorized(status: Int, message: String)
    /// 404: there is no such model or path.
    case notFound(message: String)
    /// 429: too many calls; try again after a time, where the provider says so.
    case rateLimited(retryAfter: Duration?, message: String)
    /// The request is longer than the model's context.
    case contextSizeExceeded(message: String)
    /// Another 4xx: the provider does not take the request.
    case invalidRequest(status: Int, message: String)
    /// 5xx: the provider failed.
    case serverError(status: Int, retryAfter: Duration?, message: String)
    /// A redirect: such are not followed.
    case redirected(status: Int)
    /// The answer is not of the wanted media type, such as a page of HTML.
    case unexpectedContentType(String)
    /// The answer is not what the dialect allows.
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
    /// The provider sent an error amid a stream.
    case streamFailed(message: String)
    /// The provider sent several choices, or none.
    case choiceCount(Int)
    /// The provider stopped for a reason that the dialect does not know; the answer is here, not lost.
    case unknownFinishReason(String, Answer)
    /// A ``FunctionModel``'s function threw.
    case function(description: String)
    /// The task was cancelled.
    case cancelled

    /// What took too long.
    public enum Phase: String, Hashable, Sendable {
        /// Making the connection.
        case connect
        /// Waiting for the answer's first byte.
        case firstByte
        /// The whole call.
        case total
    }

    /// A short, constant word for the ledger and for metrics.
    public var code: String {
        switch self {
        case .connectionFailed: "connection_failed"
        case .secureConnectionFailed: "tls_failed"
        case .timeout(let phase): "timeout_\(phase.rawValue)"
        case .unauthorized: "unauthorized"
        case .notFound: "not_found"
        case .rateLimited: "rate_limited"
        case .contextSizeExceeded: "context_size_exceeded"
        case .invalidRequest: "invalid_request"
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
        case .function: "function"
        case .cancelled: "cancelled"
        }
    }
}

extension ModelError: CustomStringConvertible {
    /// What happened and what to do, in one line.
    public var description: String {
        switch self {
        case .connectionFailed(let text): "cannot connect to the model: \(text)"
        case .secureConnectionFailed(let text): "no secure connection to the model: \(text)"
        case .timeout(.connect): "the model could not be reached in time"
        case .timeout(.firstByte): "the model did not begin to answer in time"
        case .timeout(.total): "the model did not end its answer in time"
        case .unauthorized(let status, let text): "the model refused the key (HTTP \(status)): \(text)"
        case .notFound(let text): "the provider knows no such model or path (HTTP 404): \(text)"
        case .rateLimited(let delay?, let text): "too many calls (HTTP 429), try again in \(delay): \(text)"
        case .rateLimited(nil, let text): "too many calls (HTTP 429), try again later: \(text)"
        case .contextSizeExceeded(let text): "the conversation is longer than the model's context: \(text)"
        case .invalidRequest(let status, let text): "the provider refused the request (HTTP \(status)): \(text)"
        case .serverError(let status, _, let text): "the provider failed (HTTP \(status)): \(text)"
        case .redirected(let status): "the provider redirects (HTTP \(status)); redirects are not followed"
        case .unexpectedContentType(let type): "the answer is \(type), not JSON: is this the URL of an API?"
        case .malformedAnswer(let text): "the answer is malformed: \(text)"
        case .duplicateKey(let key):
            "the answer is malformed: the key \(key.debugDescription) stands twice in an object"
        case .nestedTooDeeply(let limit): "the answer is malformed: nested more than \(limit) deep"
        case .invalidUTF8: "the answer is malformed: not UTF-8"
        case .answerTooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .tooManyToolCalls(let limit): "the answer asks for more than \(limit) tool calls"
        case .truncatedAnswer(let bytes): "the answer broke off after \(bytes) bytes"
        case .streamFailed(let text): "the provider failed amid its answer: \(text)"
        case .choiceCount(let count): "the answer has \(count) choices instead of one"
        case .unknownFinishReason(let reason, _):
            "the model stopped for an unknown reason: \(reason.debugDescription)"
        case .function(let text): "the model's function failed: \(text)"
        case .cancelled: "the call was cancelled"
        }
    }
}
