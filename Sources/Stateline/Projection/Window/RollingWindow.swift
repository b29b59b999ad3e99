/// A strategy that keeps the newest turns and forgets the ones before.
public struct RollingWindow: ContextStrategy {
    private enum Measure: Hashable {
        case turns(Int)
        case tokens(Int)
    }

    private let measure: Measure

    /// Keeps a number of turns, at least 1; the one under way counts.
    init(turns: Int) {
        precondition(turns > 0, "a window needs at least one turn")
        measure = .turns(turns)
    }

    /// Keeps whole turns of some tokens in all, and at least the newest one.
    init(tokens: Int) {
        precondition(tokens > 0, "a window needs at least one token")
        measure = .tokens(tokens)
    }

    /// The name with the size of the window.
    public var name: String {
        switch measure {
        case .turns(let count): "rollingWindow(turns: \(count))"
        case .tokens(let count): "rollingWindow(tokens: \(count))"
        }
    }

    /// Plans a view of the instructions and the newest turns.
    public func plan(for view: ContextView) -> ContextPlan {
        let blocks = view.blocks
        guard let start = start(in: blocks, of: view) else { return view.wholePlan }
        let first = ContextView.turnStart(in: blocks, atMost: start)
        return ContextPlan(count: view.items.count, dropping: ContextView.entries(of: blocks[..<first]))
    }

    /// Returns the place of the oldest turn that stays; `nil` if all do.
    private func start(in blocks: [ContextView.Block], of view: ContextView) -> Int? {
        let starts = ContextView.turnStarts(in: blocks)
        switch measure {
        case .turns(let count): return starts.count > count ? starts[starts.count - count] : nil
        case .tokens(let limit):
            var sum = 0
            var end = blocks.count
            var oldest: Int?
            for start in starts.reversed() {
                for block in blocks[start..<end] where block.kind != .instructions {
                    sum = sum.adding(view.tokens(of: block))
                }
                guard sum <= limit || oldest == nil else { return oldest }
                (oldest, end) = (start, start)
            }
            return nil
        }
    }
}

extension ContextStrategy where Self == RollingWindow {
    /// Keeps the newest turns and forgets the ones before.
    ///
    /// - Parameter turns: The number of turns, at least 1; the one under way counts.
    /// - Returns: The strategy.
    public static func rollingWindow(turns: Int) -> RollingWindow { RollingWindow(turns: turns) }

    /// Keeps the newest turns that take at most some tokens together, and at least the newest one.
    ///
    /// - Parameter tokens: The tokens of the turns, without the instructions.
    /// - Returns: The strategy.
    public static func rollingWindow(tokens: Int) -> RollingWindow { RollingWindow(tokens: tokens) }
}
