/// A text that is never printed, described or reflected.
struct Secret: Hashable, Sendable {
    /// The text.
    let value: String

    /// Makes a secret.
    init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    var description: String { "<redacted>" }
    /// A placeholder.
    var debugDescription: String { "<redacted>" }
    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
