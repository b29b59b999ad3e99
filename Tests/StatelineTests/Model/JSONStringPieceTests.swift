import StatelineTesting
import Testing

@testable import Stateline

@Suite struct JSONStringPieceTests {
    private func piece(_ content: String) -> JSONStringPiece { JSONText.piece(content.utf8.span) }

    @Test(
        arguments: [
            (#"ab"#, nil, "ab", nil), (#"\ud83d\ude00"#, nil, "😀", nil), (#"a\ud83d"#, nil, "a", 0xd83d),
            (#"\ude00b"#, 0xde00, "b", nil), (#"\ude00\ud83d"#, 0xde00, "", 0xd83d), (#"\ud83d"#, nil, "", 0xd83d),
            (#"\ude00"#, 0xde00, "", nil), (#"a\ud83db"#, nil, "a\u{fffd}b", nil), (#"a\ude00"#, nil, "a\u{fffd}", nil),
            (#"\ud83d\ud83d\ude00"#, nil, "\u{fffd}😀", nil), (#"\\ud83d"#, nil, #"\ud83d"#, nil),
            (#"\\\ud83d"#, nil, #"\"#, 0xd83d), (#"\ud83d\n"#, nil, "\u{fffd}\n", nil), ("", nil, "", nil),
        ] as [(String, UInt16?, String, UInt16?)]
    )
    func `halves of surrogate pairs at the ends are kept, others are replaced`(
        content: String,
        trail: UInt16?,
        text: String,
        lead: UInt16?
    ) {
        let piece = piece(content)
        #expect(piece.trail == trail)
        #expect(piece.text == text)
        #expect(piece.lead == lead)
        let repaired = (trail == nil ? "" : "\u{fffd}") + text + (lead == nil ? "" : "\u{fffd}")
        #expect(JSONText.unescaped(content.utf8.span) == repaired)
    }

    @Test func `any text is read back, however it is escaped`() {
        let (generator, seed) = SeededGenerator.printed(for: "escapes")
        var random = generator
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                let scalars: [Unicode.Scalar] = [
                    "a", "\"", "\\", "\n", "\u{1}", "é", "世", "😀", "\u{10ffff}", "/", "\u{7f}",
                ]
                text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
            }
            #expect(piece(String(JSONText.quoted(text).dropFirst().dropLast())).text == text, "seed \(seed)")
            let units = text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }
            #expect(piece(units.joined()).text == text, "seed \(seed)")
        }
    }
}
