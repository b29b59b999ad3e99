/// Two cache lines between a field that is read often and one that is written often: processors fetch lines in pairs.
struct Padding: Sendable {
    private let words: InlineArray<16, UInt64> = .init(repeating: 0)
}
