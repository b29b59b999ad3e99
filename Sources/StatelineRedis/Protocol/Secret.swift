/// Text that is nobody's business: it is never printed, described or reflected.
struct Secret: Hashable, Sendable {
    /// The text.
    let value: String

    /// Keeps a text.
    init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not the text.
    var description: String { "<redacted>" }
    /// Not the text.
    var debugDescription: String { "<redacted>" }
    /// Nothing.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
