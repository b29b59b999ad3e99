/// Two lines of memory between what is read often and what is written often: processors fetch lines in pairs.
struct Padding: Sendable {
    private let words: InlineArray<16, UInt64> = .init(repeating: 0)
}
