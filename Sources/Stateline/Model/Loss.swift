/// A part of an entry that a dialect cannot express, so that the model does not get it.
///
/// Dialects may add kinds of their own.
public struct Loss: RawRepresentable, Hashable, Sendable, Codable {
    /// The kind, as a word.
    public let rawValue: String

    /// Makes a kind.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The model's reasoning, with the provider's proof of it.
    public static let reasoning = Loss(rawValue: "reasoning")
    /// The bytes of another dialect beside the entry: the typed view is sent in their place.
    public static let providerBytes = Loss(rawValue: "provider_bytes")
    /// The flag that a tool failed.
    ///
    /// Its output's text is sent.
    public static let toolFailure = Loss(rawValue: "tool_failure")
    /// A picture.
    public static let image = Loss(rawValue: "image")
    /// A file.
    public static let file = Loss(rawValue: "file")
}
