/// The reason why a value cannot be read or changed.
@nonexhaustive
public enum ValueError: Error, Hashable, Sendable {
    /// The name is not 1 to 128 visible characters of ASCII.
    case invalidName(String)
    /// The value's JSON has more bytes than ``SessionValues/maximumValueSize``.
    case tooLarge(name: String, size: Int)
    /// The session would have more than ``SessionValues/maximumCount`` values.
    case tooMany
    /// All values together would have more bytes than ``SessionValues/maximumTotalSize``.
    case totalTooLarge(size: Int)
    /// The value has no JSON form.
    case notEncodable(name: String, description: String)
    /// The stored JSON is not that of the key's type.
    case notDecodable(name: String, description: String)
    /// The value is not as the writer expected: another writer changed it at this revision, or removed it (0).
    case changed(name: String, revision: Revision)
    /// The tool's call, or the turn, has ended: its values cannot be changed any more.
    case turnEnded
}

extension ValueError: CustomStringConvertible {
    /// The failure and the remedy, in one line.
    public var description: String {
        switch self {
        case .invalidName(let name):
            "the name \(name.prefix(ValueName.maximumLength).debugDescription) of a value is not valid: "
                + "use 1 to \(ValueName.maximumLength) visible characters of ASCII"
        case .tooLarge(let name, let size):
            "the value \(name) has \(size) bytes, the limit is \(SessionValues.maximumValueSize); store a reference to it"
        case .tooMany: "there are \(SessionValues.maximumCount) values already; remove one, or put several into one"
        case .totalTooLarge(let size):
            "all values would have \(size) bytes, the limit is \(SessionValues.maximumTotalSize); remove some"
        case .notEncodable(let name, let text): "the value \(name) cannot be encoded: \(text)"
        case .notDecodable(let name, let text): "the value \(name) is not of the key's type: \(text)"
        case .changed(let name, let revision):
            revision == 0
                ? "the value \(name) was removed, or never set; read it again"
                : "the value \(name) was changed at revision \(revision); read it again"
        case .turnEnded: "the turn's values were used after the call or the turn had ended; set them before it returns"
        }
    }
}
