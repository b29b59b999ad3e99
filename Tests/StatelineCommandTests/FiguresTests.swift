import Testing

@testable import StatelineCommand

@Suite struct FiguresTests {
    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1075, "1.0 KiB"), (1076, "1.1 KiB"),
        (102_348, "99.9 KiB"), (102_349, "100 KiB"), (1_047_000, "1022 KiB"), (1_048_063, "1023 KiB"),
        (1_048_064, "1.0 MiB"), (1 << 30, "1.0 GiB"), (1 << 40, "1.0 TiB"), (Int.max, "8388608 TiB"),
    ])
    func `bytes are told in the unit that reads best`(_ count: Int, _ text: String) {
        #expect(Figures.bytes(count) == text)
    }

    @Test(arguments: [
        (0, "0 ns"), (999, "999 ns"), (1000, "1.0 µs"), (9949, "9.9 µs"), (9950, "10 µs"), (999_499, "999 µs"),
        (999_500, "1.0 ms"), (12_345_678, "12 ms"), (1_000_000_000, "1.0 s"), (90_000_000_000, "90 s"),
    ])
    func `times are told in the unit that reads best`(_ nanoseconds: Int, _ text: String) {
        #expect(Figures.time(.nanoseconds(nanoseconds)) == text)
    }

    @Test(arguments: [(1.0, "1.00x"), (2.345, "2.35x"), (9.996, "10.00x"), (99.994, "99.99x"), (99.996, "100x")])
    func `a factor has at most six characters up to 99999`(_ value: Double, _ text: String) {
        #expect(Figures.factor(value) == text)
    }

    @Test func `shares and counts are told`() {
        #expect(Figures.percent(0.1234) == "12.3 %")
        #expect(Figures.percent(0) == "0.0 %")
        #expect(Figures.count(1, "turn") == "1 turn")
        #expect(Figures.count(0, "turn") == "0 turns")
    }
}
