/// The texts that no error may hold: the key, and the values of the headers that were configured.
///
/// Providers repeat what they were sent, such as in "incorrect API key provided: …". Their texts go into errors, and from
/// there into logs.
public struct Secrets: Hashable, Sendable {
    /// The shortest part of a header that is taken for a secret if the header's name does not say that it holds one.
    private static let minimumLength = 4

    /// The texts, the longest first: one may be a part of another.
    private let texts: [String]
    /// Secrets that come and go.
    private let registers: [SecretRegister]

    /// No secrets.
    public static let none = Secrets()

    /// Collects the secrets of a model's settings.
    ///
    /// - Parameters:
    ///   - keys: Texts that are secrets as they are.
    ///   - headers: The configured headers, with all that their values hold. Values of fewer than 4 characters stay
    ///     readable, unless the name is one of a credential.
    ///   - query: The query items of the URL. An item counts if its name is one of a credential.
    ///   - register: Secrets that come and go, such as tokens that are rotated.
    public init(
        keys: [String] = [],
        headers: [(name: String, value: String)] = [],
        query: [(name: String, value: String)] = [],
        register: SecretRegister? = nil
    ) {
        var found = Set(keys)
        for header in headers {
            let isCredential = Self.namesCredential(header.name)
            if isCredential || header.value.count >= Self.minimumLength { found.insert(header.value) }
            // "Bearer KEY", "session=KEY; other=KEY": a provider may repeat the key alone.
            guard isCredential else { continue }
            let words = header.value.split { $0.isWhitespace || ";,\"".contains($0) }
            let values = words.map { word in word.firstIndex(of: "=").map { word[word.index(after: $0)...] } ?? word }
            for part in (words + values).map(String.init) where part.count >= Self.minimumLength {
                if !Self.schemes.contains(part.lowercased()) { found.insert(part) }
            }
        }
        for item in query where Self.namesCredential(item.name) { found.insert(item.value) }
        texts = Self.ordered(found)
        registers = register.map { [$0] } ?? []
    }

    private init(texts: [String], registers: [SecretRegister]) {
        self.texts = texts
        self.registers = registers
    }

    /// Returns texts and their forms in JSON and in URLs, the longest first.
    private static func ordered(_ texts: Set<String>) -> [String] {
        // JSON may be shown as it came, and some servers escape each slash in it.
        let escaped = texts.map { $0.replacing("/", with: "\\/") }
        let inURLs = texts.flatMap { [percentEncoded($0, uppercase: true), percentEncoded($0, uppercase: false)] }
        return texts.union(escaped).union(inURLs).filter { !$0.isEmpty }
            .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// Returns a text as it stands in a query.
    ///
    /// Source: RFC 3986, 2.1 and 2.3.
    private static func percentEncoded(_ text: String, uppercase: Bool) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: uppercase)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    /// Returns these secrets and others.
    public func merging(_ others: Secrets) -> Secrets {
        Secrets(
            texts: Self.ordered(Set(texts).union(others.texts)),
            registers: registers + others.registers.filter { !registers.contains($0) }
        )
    }

    /// The text that stands in a secret's place.
    public static var placeholder: String { "<redacted>" }

    /// Returns a text without the secrets in it.
    ///
    /// - Complexity: O(*n* *s*) in the length of the text and the number of secrets.
    public func redacted(from text: String) -> String {
        let changing = registers.flatMap(\.texts)
        let all = changing.isEmpty ? texts : Self.ordered(Set(texts).union(changing))
        return all.reduce(text) { $0.replacing($1, with: Self.placeholder) }
    }

    /// Words of the header `Authorization` that are no secret.
    private static let schemes: Set<String> = ["bearer", "basic", "digest", "token", "apikey", "api-key"]

    /// Returns `true` for names such as `api-key`, `X-Goog-Api-Key`, `Authorization`, `Cookie`, `sig`.
    private static func namesCredential(_ name: String) -> Bool {
        let name = name.lowercased()
        let words = ["auth", "key", "token", "secret", "cookie", "credential", "password", "signature"]
        return name == "sig" || words.contains { name.contains($0) }
    }
}

extension Secrets: CustomStringConvertible, CustomReflectable {
    /// The placeholder, not the secrets.
    public var description: String { Self.placeholder }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
