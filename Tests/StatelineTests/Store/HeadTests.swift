import NIOCore
import Testing

@testable import Stateline

@Suite struct HeadTests {
    private static let origin = Position.origin(of: SessionKey("id"), incarnation: Incarnation(rawValue: 1))

    private static func crossing(sentAgain: Int, new: Int) -> Crossing {
        Crossing(
            step: 0,
            route: Route(provider: "p", model: "m"),
            started: Timestamp(milliseconds: 0),
            sentAgainBytes: sentAgain,
            newBytes: new,
            requestDigest: .zero,
            outcome: .cancelled
        )
    }

    @Test func `an empty head has amplification one`() {
        let head = Head(position: Self.origin)
        #expect(head.revision == 0)
        #expect(head.amplification == 1)
        #expect(head.totals == Head.Totals())
    }

    @Test func `totals are the sums of what was told`() {
        var totals = Head.Totals()
        totals.add(Self.crossing(sentAgain: 0, new: 100))
        var told = Self.crossing(sentAgain: 100, new: 50)
        told.repeatedToolBytes = 40
        told.receivedBytes = 7
        told.sentAgainTokens = 30
        told.newTokens = 4
        told.usage = Usage(
            input: Usage.Input(totalTokenCount: 34, cachedTokenCount: 32),
            output: Usage.Output(totalTokenCount: 9, reasoningTokenCount: 5)
        )
        totals.add(told)
        var expected = Head.Totals()
        expected.crossings = 2
        expected.sentAgainBytes = 100
        expected.repeatedToolBytes = 40
        expected.newBytes = 150
        expected.receivedBytes = 7
        expected.sentAgainTokens = 30
        expected.newTokens = 4
        expected.cachedTokens = 32
        expected.outputTokens = 9
        #expect(totals == expected)
        #expect(totals.prefixBytes == 60)
    }

    @Test func `a head that claims more repeated bytes of tools than bytes sent again is refused`() throws {
        var head = Head(position: Self.origin)
        head.totals.sentAgainBytes = 40
        head.totals.repeatedToolBytes = 40
        var stored = BatchFormat.encode(head)
        #expect(try BatchFormat.readHead(digest: Self.origin.digest, from: &stored) == head)
        head.totals.repeatedToolBytes = 41
        stored = BatchFormat.encode(head)
        #expect(throws: FormatError.self) { try BatchFormat.readHead(digest: Self.origin.digest, from: &stored) }
    }

    @Test func `amplification is all bytes sent over new bytes`() {
        var head = Head(position: Self.origin)
        head.totals.add(Self.crossing(sentAgain: 0, new: 100))
        #expect(head.amplification == 1)
        head.totals.add(Self.crossing(sentAgain: 100, new: 100))
        #expect(head.amplification == 1.5)
    }
}
