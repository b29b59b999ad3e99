/// The content of a session's newest request.
struct SentRequest: Hashable, Sendable {
    /// The number of entries, counted from the view's first.
    var entries: Int
    /// The number of input tokens, if the provider counted them.
    var tokens: Int?
    /// The fingerprint of the tools that it declared; 0 if it declared none, or if that is not known.
    var tools: UInt32 = 0
}
