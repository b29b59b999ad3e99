/// The reason why bytes are not JSON that is safe to read.
///
/// Offsets count bytes from 0. No case but ``duplicateKey(_:)`` carries any of the text.
@nonexhaustive
public enum JSONError: Error, Hashable, Sendable {
    /// The grammar of RFC 8259 allows no such byte here.
    case syntax(offset: Int)
    /// The bytes end before the value does.
    case truncated(offset: Int)
    /// An object holds two members of the same name, which readers resolve differently.
    case duplicateKey(String)
    /// The name of a member has more than 30 combining marks in a row, at this offset within the text.
    ///
    /// Unicode's order of the marks makes it cost the square of their number to compare such a name.
    case tooManyCombiningMarks(offset: Int)
    /// Arrays and objects are nested too deeply.
    case nestedTooDeeply(limit: Int)
    /// The bytes are not UTF-8.
    case invalidUTF8(offset: Int)
    /// A string escapes one half of a surrogate pair without the other, which no Unicode text can hold.
    case loneSurrogate(offset: Int)
}

extension JSONError: CustomStringConvertible {
    /// The fault, in one line.
    public var description: String {
        switch self {
        case .syntax(let offset): "not JSON at byte \(offset)"
        case .truncated(let offset): "the JSON is cut off after \(offset) bytes"
        case .duplicateKey(let key): "an object has two members named \(key.debugDescription)"
        case .tooManyCombiningMarks(let offset):
            "the member name at byte \(offset) has too many combining marks in a row"
        case .nestedTooDeeply(let limit): "the JSON is nested more than \(limit) levels deep"
        case .invalidUTF8(let offset): "not UTF-8 at byte \(offset)"
        case .loneSurrogate(let offset): "half of a surrogate pair at byte \(offset)"
        }
    }
}
