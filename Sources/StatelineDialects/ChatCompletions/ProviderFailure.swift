public import NIOCore
public import Stateline

/// A provider's account of a failure, read from its JSON.
struct ProviderFailure {
    /// The provider's words, without secrets.
    let message: ProviderMessage

    /// Reads an error object, or the text that some servers give in its place.
    ///
    /// Servers write the code as a text or as a number, or give a type alone.
    init(_ error: JSONFragment, redacting secrets: Secrets) {
        let text = error["message"]?.string ?? error.string ?? error["detail"]?.string ?? String(buffer: error.bytes)
        let code = error["code"].flatMap { $0.word ?? $0.integer.map(String.init) } ?? error["type"]?.word
        self.init(ProviderMessage(text, code: code, redacting: secrets))
    }

    /// Reads the body of an answer with a status of failure.
    init(body: ByteBuffer, redacting secrets: Secrets) {
        if let root = try? JSONFragment(validating: body) {
            self.init(root["error"] ?? root, redacting: secrets)
        } else {
            let text = String(buffer: body)
            let isMarkup = text.drop(while: \.isWhitespace).first == "<"
            self.init(ProviderMessage(isMarkup ? "a page instead of JSON" : text, redacting: secrets))
        }
    }

    private init(_ message: ProviderMessage) {
        self.message = message
    }

    /// `true` if the request was longer than the model's context.
    ///
    /// Servers other than OpenAI's often say so in words alone.
    var isContextSizeExceeded: Bool {
        if ["context_length_exceeded", "exceed_context_size_error"].contains(message.code) { return true }
        let text = message.text.lowercased()
        return ["context length", "context window", "context size"].contains { text.contains($0) }
    }
}

extension ChatCompletions {
    /// Makes the error that an answer with a status of failure stands for.
    public func failure(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> ModelError {
        let failure = ProviderFailure(body: body, redacting: redacting)
        let error = ModelError(status: status, headers: headers, message: failure.message)
        if case .invalidRequest = error, failure.isContextSizeExceeded {
            return .contextSizeExceeded(message: failure.message)
        }
        return error
    }
}
