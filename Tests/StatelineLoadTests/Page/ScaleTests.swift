import Testing

@testable import StatelineLoad

@Suite struct ScaleTests {
    @Test func `linear ticks are at 1, 2 and 5, and enclose what is shown`() {
        #expect(Scale(.linear, over: 0...100, limit: 6).ticks == [0, 20, 40, 60, 80, 100])
        #expect(Scale(.linear, over: 0...93, limit: 5).ticks == [0, 50, 100])
        #expect(Scale(.linear, over: 0...0.7, limit: 8).ticks == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
        #expect(Scale(.linear, over: 3...3, limit: 6).ticks.count >= 2)
        #expect(Scale(.linear, over: 0...0, limit: 6).ticks.count >= 2)
        #expect(Scale(.linear, over: -7...13, limit: 6).ticks == [-10, -5, 0, 5, 10, 15])
    }

    @Test func `logarithmic ticks are at 1, 2 and 5 or at powers of ten`() {
        #expect(Scale(.logarithmic, over: 3...45, limit: 8).ticks == [2, 5, 10, 20, 50])
        #expect(
            Scale(.logarithmic, over: 1...1_000_000, limit: 8).ticks == [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
        )
        #expect(Scale(.logarithmic, over: 100...100, limit: 8).ticks == [100, 200])
        #expect(Scale(.logarithmic, over: 0.004...0.02, limit: 8).ticks == [0.002, 0.005, 0.01, 0.02])
        #expect(Scale(.logarithmic, over: 0.5...15, limit: 2).ticks == [0.1, 100])
        #expect(Scale(.logarithmic, over: 1...1, limit: 2).ticks == [1, 2])
    }

    @Test func `random ranges have ticks within the limit that enclose them`() {
        var random = SystemRandomNumberGenerator()
        var wrong: [String] = []
        for _ in 0..<2000 {
            let low = Double.random(in: 0.001...1000, using: &random)
            let high = low * Double.random(in: 1...100_000, using: &random)
            let limit = Int.random(in: 2...10, using: &random)
            for kind in [Scale.Kind.linear, .logarithmic] {
                let scale = Scale(kind, over: low...high, limit: limit)
                let ticks = scale.ticks
                let isSound =
                    (2...limit).contains(ticks.count) && zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 }
                let isAround = ticks[0] <= low * 1.000001 && ticks[ticks.count - 1] >= high * 0.999999
                let isWhole = scale.position(ticks[0]) == 0 && scale.position(ticks[ticks.count - 1]) == 1
                if !isSound || !isAround || !isWhole { wrong.append("\(kind) \(low) \(high) \(limit): \(ticks)") }
            }
        }
        // Each names what was drawn.
        #expect(wrong == [])
    }

    @Test func `labels that would touch are left out, and the last one stays`() {
        let labels = (0..<12).map { (middle: Double($0) * 20, text: "1000") }
        let shown = Canvas.isShown(labels)
        #expect(shown.last == true && shown.filter { $0 }.count < 12)
        let reaches = zip(labels, shown).filter { $1 }
            .map { label, _ in
                (label.middle - Canvas.width(of: label.text) / 2, label.middle + Canvas.width(of: label.text) / 2)
            }
        let isApart = zip(reaches, reaches.dropFirst()).allSatisfy { $0.1 < $1.0 }
        #expect(isApart)
        #expect(Canvas.isShown([(0, "a"), (100, "b")]) == [true, true])
        #expect(Canvas.isShown([]).isEmpty)
    }

    @Test(arguments: [
        (0, "0"), (0.00123, "0.00123"), (0.5, "0.5"), (9.994, "9.99"), (9.996, "10"), (99.94, "99.9"), (100.4, "100"),
        (1234, "1234"), (12_345, "12\u{202F}345"), (1_234_567, "1\u{202F}234\u{202F}567"), (2, "2"), (.infinity, "-"),
    ])
    func `numbers have three digits that say something`(_ value: Double, _ text: String) {
        #expect(Amount.number(value) == text)
    }

    @Test func `units are those that read best`() {
        #expect(Amount.time(0.5) == "0.5 µs")
        #expect(Amount.time(999) == "999 µs")
        #expect(Amount.time(999.7) == "1 ms")
        #expect(Amount.time(1_500_000) == "1.5 s")
        #expect(Amount.bytes(999) == "999 B")
        #expect(Amount.bytes(1500) == "1.5 kB")
        #expect(Amount.bytes(999_600) == "1 MB")
        #expect(Amount.change(1.234) == "+23 %")
        #expect(Amount.change(0.5) == "−50 %")
        #expect(Amount.change(1.0001) == "0 %")
        #expect(Amount.change(3) == "3x")
        #expect(Amount.percent(0.1234) == "12.3 %")
        #expect(Amount.percent(0.0123) == "1.23 %")
        #expect(Amount.tokens(0) == "0")
        #expect(Amount.tokens(1024) == "1k")
        #expect(Amount.tokens(1 << 20) == "1M")
    }
}
