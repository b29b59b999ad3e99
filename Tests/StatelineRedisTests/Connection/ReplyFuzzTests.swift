import StatelineTesting
import Testing

/// What ``ReplyTrial`` checks, of inputs made from a seed; the fuzzer makes up its own.
@Suite struct ReplyFuzzTests {
    private static let seed = UInt64.random(in: 0 ... .max)
    private static let atoms = [
        "+OK\r\n", "-ERR x\r\n", ":1\r\n", ":-9223372036854775808\r\n", "$-1\r\n", "$0\r\n\r\n", "$3\r\nabc\r\n",
        "*0\r\n",
        "*-1\r\n", "*1\r\n", "*2\r\n", "*3\r\n", "$3\r\nab", "\r\n", "\r", "$", "*", "$600\r\n", "*99\r\n",
        "$12\r\n0123456789ab\r\n",
    ]

    @Test func `replies of any bytes, in any slices, go to who asked`() throws {
        var generator = SeededGenerator(seed: Self.seed)
        for round in 0..<20_000 {
            var input = (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for _ in 0..<Int.random(in: 0..<24, using: &generator) {
                input += Array(Self.atoms.randomElement(using: &generator)!.utf8)
            }
            // Every second one is as well-formed as its atoms.
            for _ in 0..<(round % 2 == 0 ? 0 : Int.random(in: 1..<4, using: &generator)) where input.count > 9 {
                let index = Int.random(in: 8..<input.count, using: &generator)
                input[index] = UInt8.random(in: 0...255, using: &generator)
            }
            do {
                try ReplyTrial.check(input)
            } catch {
                Issue.record("seed \(Self.seed), round \(round): \(error)")
                return
            }
        }
    }
}
