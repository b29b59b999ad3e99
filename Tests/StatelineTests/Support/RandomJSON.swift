import StatelineTesting

/// Random JSON texts, and texts that differ from them in some bytes.
struct RandomJSON {
    private var random: SeededGenerator

    init(_ random: SeededGenerator) {
        self.random = random
    }

    private static let names = [
        "a", "b", "id", "choices", "logprobs", #"\u0061"#, "é", "e\u{301}", #"\ud83d\ude00"#, "😀", "", #"\n"#,
        "a name of more than sixteen bytes",
    ]
    private static let contents = [
        "", "a", "Grüße", #"\"\\\/\b\f\n\r\t"#, #"\u00e9\uD83D\uDE00"#, #"\ud83d"#, #"\ude00x"#, #"x\ud83dy"#, "世界",
        #"\\ud83d"#, #"\ud83d\ud83d\ude00"#,
    ]
    private static let numbers = [
        "0", "-0", "12", "-1.5e+3", "1E9", "0.25", "9007199254740993", "NaN", "-Infinity", "01", "+1", ".5", "1.",
        "nan",
        "1e", "- 1", "Infinit", "--", "truefalse",
    ]
    private static let spaces = ["", "", "", " ", "\n", "\t \r\n"]

    /// Returns a text that is JSON, or nearly so.
    mutating func text() -> [UInt8] {
        Array((space() + value(depth: 0) + space()).utf8)
    }

    private mutating func space() -> String { Self.spaces.randomElement(using: &random) ?? "" }

    private mutating func list(_ element: (inout RandomJSON) -> String) -> String {
        let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in space() + element(&self) + space() }
        return elements.isEmpty ? space() : elements.joined(separator: ",")
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 6 : 10), using: &random) {
        case 0, 1: return "\"\(Self.contents.randomElement(using: &random) ?? "")\""
        case 2: return ["true", "false", "null"].randomElement(using: &random) ?? "null"
        // Most numbers are in order.
        case 3, 4, 5:
            let isOrderly = Int.random(in: 0..<8, using: &random) > 0
            return (isOrderly ? Self.numbers.prefix(7) : Self.numbers[...]).randomElement(using: &random) ?? "0"
        case 6, 7: return "[\(list { $0.value(depth: depth + 1) })]"
        default:
            return "{" + list { "\"\($0.name())\"\($0.space()):\($0.space())\($0.value(depth: depth + 1))" } + "}"
        }
    }

    private mutating func name() -> String {
        let isFixed = Int.random(in: 0..<4, using: &random) == 0
        if isFixed { return Self.names.randomElement(using: &random) ?? "" }
        return "n\(Int.random(in: 0..<1000, using: &random))"
    }

    /// Returns a text that differs in one to three bytes.
    mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        let alphabet = Array(#"{}[]",:\u0e-+.tnNI 1éd8"#.utf8)
        var bytes = text
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let byte = alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(byte, at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
