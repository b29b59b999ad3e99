/// A piece of an entry's content.
@nonexhaustive
public enum Part: Hashable, Sendable {
    /// Text.
    case text(String)
    /// A picture.
    case image(Media)
    /// A file.
    case file(Media)
    /// The reason why the model declined to answer.
    case refusal(String)
    /// JSON text, as a tool gives it.
    case json(String)
}

extension Sequence<Part> {
    /// The text of the parts, joined; refusals and JSON count as text.
    var text: String {
        reduce(into: "") { text, part in
            switch part {
            case .text(let piece), .refusal(let piece), .json(let piece): text += piece
            case .image, .file: break
            }
        }
    }
}
