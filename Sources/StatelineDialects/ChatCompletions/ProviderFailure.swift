internal import NIOCore
internal import Stateline

/// A provider's account of a failure, read from its JSON.
///
/// It is read alike from an answer with a status of failure, from an answer in whose place an error came, and from an
/// event of a stream.
struct ProviderFailure {
    /// The provider's words, code and type, without secrets.
    let message: ProviderMessage
    /// The words that tell what the failure is.
    let words: FailureWords
    /// The status that the account names; `nil` if it names none.
    let status: Int?
    /// The time that the account asks to wait; `nil` if it does not.
    let retryAfter: Duration?
    /// `true` if the account says that a quota of a day is used up.
    let isOfDay: Bool

    /// Reads an error object, or the text that some servers give in its place.
    init(_ error: JSONFragment, redacting secrets: Secrets) {
        self.init(error, beside: nil, redacting: secrets)
    }

    /// Reads the body of an answer with a status of failure, or the data of an event that is an error.
    ///
    /// The body is JSON, a text, or the page of a proxy.
    init(body: ByteBuffer, redacting secrets: Secrets) {
        guard let root = try? JSONFragment(validating: body) else {
            let text = String(buffer: body)
            let first = text.first { !$0.isWhitespace }
            self.init(
                text: first == "<" ? "a page instead of JSON" : first == nil ? "no message" : text,
                redacting: secrets
            )
            return
        }
        self.init(root: root, redacting: secrets)
    }

    /// Reads what came in an answer's place; `nil` if it is no account of a failure.
    ///
    /// - Parameters:
    ///   - root: The whole JSON of an answer or of an event.
    ///   - secrets: The texts that no error may hold.
    init?(inAnswer root: JSONFragment, redacting secrets: Secrets) {
        let root = root.elements?.first ?? root
        guard let members = root.members else { return nil }
        let isError = members.value(of: "object")?.word == "error" || members.value(of: "type")?.word == "error"
        guard isError || members.value(of: "error").map({ !$0.isEmpty }) == true else { return nil }
        self.init(root: root, redacting: secrets)
    }

    /// Reads the object around an error: `{"error":…}`, the error itself, or an array of them as Gemini sends it.
    private init(root: JSONFragment, redacting secrets: Secrets) {
        let root = root.elements?.first ?? root
        if let error = root["error"], !error.isEmpty {
            self.init(error, beside: root, redacting: secrets)
        } else {
            self.init(root, beside: nil, redacting: secrets)
        }
    }

    /// Reads an error object or a text, with the object that it is a member of.
    private init(_ error: JSONFragment, beside root: JSONFragment?, redacting secrets: Secrets) {
        let error = error.elements?.first ?? error
        let own = error.members ?? []
        // Beside an error that is a text, a status or `true`, some servers give its type and their words.
        let all = error.members == nil ? root?.members ?? [] : own
        let code = all.value(of: "code")
        let type = all.firstWord(of: ["type", "status", "error_type", "__type"])
        self.init(
            text: Self.text(error, all),
            code: code.flatMap { $0.word ?? $0.integer.map(String.init) },
            type: type == "error" ? nil : type,
            status: [("status", error)].firstStatus(of: ["status"])
                ?? all.firstStatus(of: ["code", "status", "status_code", "http_status"]),
            details: own.value(of: "details"),
            redacting: secrets
        )
    }

    private init(
        text: String,
        code: String? = nil,
        type: String? = nil,
        status: Int? = nil,
        details: JSONFragment? = nil,
        redacting secrets: Secrets
    ) {
        self.message = ProviderMessage(text, code: code, type: type, redacting: secrets)
        self.words = FailureWords(text, codes: [code, type])
        self.status = status ?? words.status
        self.retryAfter = details.flatMap(Self.delay)
        self.isOfDay = details.map { String(buffer: $0.bytes).contains("PerDay") } ?? false
    }

    /// Returns the provider's words, else its JSON.
    private static func text(_ error: JSONFragment, _ members: [(name: String, value: JSONFragment)]) -> String {
        let names = ["message", "detail", "msg", "error_description"]
        let text = error.string ?? names.lazy.compactMap { members.value(of: $0)?.string }.first
        guard let text else { return String(buffer: error.bytes) }
        // A router's own words say only that a provider failed.
        guard let raw = members.value(of: "metadata")?["raw"]?.string else { return text }
        return "\(text): \(raw)"
    }

    /// Reads the time to wait that Google's services give: `{"@type":"…RetryInfo","retryDelay":"34.07s"}`.
    ///
    /// Source: google.rpc.RetryInfo.
    private static func delay(_ details: JSONFragment) -> Duration? {
        let text = details.elements?.lazy.compactMap { $0["retryDelay"]?.string }.first
        guard let text, text.hasSuffix("s"), let seconds = Double(text.dropLast()), 0...1e9 ~= seconds else {
            return nil
        }
        return .milliseconds(Int64(seconds * 1000))
    }
}

extension JSONFragment {
    /// `true` of an empty text or array, of zero and `false`, and of an object of these: some servers send it where there
    /// is no error.
    ///
    /// - Complexity: O(*n*) in the number of values within.
    fileprivate var isEmpty: Bool {
        if let string { return string.isEmpty }
        if let elements { return elements.isEmpty }
        if let members { return members.allSatisfy { $0.value.isNull || $0.value.isEmpty } }
        return integer == 0 || bytes.readableBytesView.elementsEqual("false".utf8)
    }
}

extension [(name: String, value: JSONFragment)] {
    /// Returns the first text among members.
    fileprivate func firstWord(of names: [String]) -> String? {
        names.lazy.compactMap { value(of: $0)?.word }.first
    }

    /// Returns the first number among members that is an HTTP status of failure; servers write it as a text too.
    fileprivate func firstStatus(of names: [String]) -> Int? {
        names.lazy
            .compactMap { name in value(of: name).flatMap { $0.integer ?? $0.word.flatMap { Int($0) } } }
            .first { 400..<600 ~= $0 }
    }
}
