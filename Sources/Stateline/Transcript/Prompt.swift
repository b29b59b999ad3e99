/// The beginning of a turn: text, pictures, files.
public struct Prompt: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// The pieces, in order.
    public let parts: [Part]

    /// Makes a prompt of pieces.
    public init(_ parts: [Part]) {
        self.parts = parts
    }

    /// Makes a prompt of text.
    public init(_ text: String) {
        self.init([.text(text)])
    }

    /// Makes a prompt of a literal, with or without interpolations.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// `true` if there is nothing in it to answer.
    var isEmpty: Bool {
        parts.allSatisfy { part in
            switch part {
            case .text(let text), .refusal(let text), .json(let text): text.isEmpty
            case .image, .file: false
            }
        }
    }
}
