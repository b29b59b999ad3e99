import Stateline
import Testing

@testable import StatelineLoad

@Suite struct ConversationTextTests {
    @Test func `the text of a part is that part of the text`() {
        var text = ConversationText(session: 7)
        for from in [100, 33, 64] {
            let whole = text.bytes(0..<500)
            #expect(whole.count == 2000)
            for (start, end) in [(0, 1), (1, 63), (63, 65), (64, 128), (100, 101), (33, 499), (500, 500)] {
                #expect(text.bytes(start..<end) == Array(whole[4 * start..<4 * end]))
            }
            text.rewrite(from: from)
        }
    }

    @Test func `a rewritten text has its beginning in common and not a letter more`() {
        for session in 0..<20 {
            var text = ConversationText(session: session)
            var random = SplitMix64(seed: 5, stream: session)
            for _ in 0..<100 {
                let before = text.bytes(0..<300)
                // A few places are rewritten again and again: as often as there are letters to tell versions by.
                let from = [0, 64, 65, Int(random.next() % 299)][Int(random.next() % 4)]
                text.rewrite(from: from)
                let after = text.bytes(0..<300)
                #expect(zip(before, after).prefix { $0 == $1 }.count == 4 * from)
            }
        }
    }

    @Test func `sessions have texts of their own and the same ones each time`() {
        let texts = (0..<50).map { ConversationText(session: $0).text(1..<20) }
        #expect(Set(texts).count == 50)
        #expect(texts == (0..<50).map { ConversationText(session: $0).text(1..<20) })
        #expect(texts.allSatisfy { $0.allSatisfy { $0.isASCII } && $0.utf8.count == 76 })
    }
}
