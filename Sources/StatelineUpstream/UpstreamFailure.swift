internal import HTTPTypes

/// An error as a provider of the Chat Completions API sends it.
///
/// Source: https://platform.openai.com/docs/guides/error-codes
struct UpstreamFailure: Error, Hashable {
    /// The HTTP status.
    var status: Int
    /// The message, for people.
    var message: String
    /// The code, for programs.
    var code: String?

    /// Makes the failure of an invalid request.
    static func invalidRequest(_ message: String) -> UpstreamFailure {
        UpstreamFailure(status: 400, message: message)
    }

    /// Makes the failure of an unknown path.
    static func unknownPath(_ method: HTTPRequest.Method, _ path: String) -> UpstreamFailure {
        UpstreamFailure(status: 404, message: "Invalid URL (\(method.rawValue) \(path))", code: "unknown_url")
    }

    /// Makes the failure of an unknown model.
    static func unknownModel(_ name: String) -> UpstreamFailure {
        UpstreamFailure(status: 404, message: "The model `\(name)` does not exist.", code: "model_not_found")
    }

    /// Makes the failure that a prompt asked for.
    static func scripted(status: Int, code: String?) -> UpstreamFailure {
        UpstreamFailure(
            status: status,
            message: "The prompt asked for status \(status).",
            code: code ?? (status == 429 ? "rate_limit_exceeded" : nil)
        )
    }

    /// The kind of error, in the provider's words.
    var type: String {
        switch status {
        case 429: "requests"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    /// The seconds after which a client may try again.
    var retryAfter: Int? { status == 429 ? 1 : nil }
}
