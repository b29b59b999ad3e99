package import NIOCore
package import Stateline

/// What a provider said when it failed, in a form that may stand in a log.
package struct ProviderFailure {
    /// The most characters of a provider's text that are kept.
    static let maximumLength = 300

    /// The message: one line, cut to length, without secrets.
    let message: String
    /// The provider's word for the kind of failure.
    let code: String

    private init(message: String, code: String) {
        self.message = message
        self.code = code
    }

    /// Reads an error object, or the text that some servers give in its place.
    init(_ error: JSONFragment, redacting secrets: Secrets) {
        let text = error["message"]?.string ?? error.string ?? error["detail"]?.string ?? String(buffer: error.bytes)
        self.init(
            message: Self.line(text, redacting: secrets),
            code: error["code"]?.word ?? error["type"]?.word ?? ""
        )
    }

    /// Reads the body of an answer with a status of failure.
    init(body: ByteBuffer, redacting secrets: Secrets) {
        if let root = try? JSONFragment(validating: body) {
            self.init(root["error"] ?? root, redacting: secrets)
        } else {
            let text = String(buffer: body)
            let isMarkup = text.drop(while: \.isWhitespace).first == "<"
            self.init(message: isMarkup ? "a page instead of JSON" : Self.line(text, redacting: secrets), code: "")
        }
    }

    /// Whether the request was longer than the model's context.
    ///
    /// Servers that are not OpenAI's often say so in words alone.
    var isContextSizeExceeded: Bool {
        if ["context_length_exceeded", "exceed_context_size_error"].contains(code) { return true }
        let text = message.lowercased()
        return ["context length", "context window", "context size"].contains { text.contains($0) }
    }

    /// A text without secrets, on one line, cut to length.
    ///
    /// Secrets go first: a cut could leave a part of one that is no longer found.
    package static func line(_ text: String, redacting secrets: Secrets) -> String {
        let clean = secrets.redacted(from: text)
        var line = ""
        for scalar in clean.unicodeScalars {
            if scalar.properties.isWhitespace {
                line.unicodeScalars.append(" ")
            } else if scalar.properties.generalCategory != .control {
                line.unicodeScalars.append(scalar)
            }
        }
        return line.count > maximumLength ? line.prefix(maximumLength) + "…" : line
    }
}

extension ModelError {
    /// What an answer with a status of failure means.
    ///
    /// - Parameters:
    ///   - status: The HTTP status, anything but 2xx.
    ///   - retryAfter: How long the provider asks to wait.
    ///   - body: The first bytes of the answer's body.
    ///   - secrets: The texts that no error may hold.
    package init(status: Int, retryAfter: Duration?, body: ByteBuffer, redacting secrets: Secrets) {
        let failure = ProviderFailure(body: body, redacting: secrets)
        let message = failure.message
        switch status {
        case 300..<400: self = .redirected(status: status)
        case 401, 403: self = .unauthorized(status: status, message: message)
        case 404: self = .notFound(message: message)
        case 429: self = .rateLimited(retryAfter: retryAfter, message: message)
        case 400..<500 where failure.isContextSizeExceeded: self = .contextSizeExceeded(message: message)
        case 400..<500: self = .invalidRequest(status: status, message: message)
        default: self = .serverError(status: status, retryAfter: retryAfter, message: message)
        }
    }
}
