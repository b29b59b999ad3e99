/// A strategy that leaves out steps whose tool calls all have their outputs: the answers that came of them stay.
///
/// The step goes as a whole: reasoning, text, calls and outputs.
public struct DropCompletedToolCalls: ContextStrategy {
    private let keptCount: Int

    init(keepingLast count: Int) {
        precondition(count >= 0, "a count cannot be negative")
        keptCount = count
    }

    /// The name with the number of steps that stay.
    public var name: String { "dropCompletedToolCalls(keepingLast: \(keptCount))" }

    /// Plans a view without the older steps.
    public func plan(for view: ContextView) -> ContextPlan {
        let blocks = view.blocks
        let steps = blocks.indices.filter { blocks[$0].kind == .toolCalls && !blocks[$0].isOfTurn }
        let older = steps.dropLast(keptCount).filter { blocks[$0].isComplete }
        let dropped = Set(older).subtracting(Self.separators(among: older, in: blocks))
        return ContextPlan(
            count: view.items.count,
            dropping: ContextView.entries(of: dropped.sorted().map { blocks[$0] })
        )
    }

    /// Returns the steps that stay because a prompt would stand next to another one, or at the end, without them.
    private static func separators(among steps: [Int], in blocks: [ContextView.Block]) -> Set<Int> {
        let dropped = Set(steps)
        var separators: Set<Int> = []
        var isAfterPrompt = true
        var newest: Int?
        for (index, block) in blocks.enumerated() where block.kind != .instructions {
            if dropped.contains(index) {
                newest = index
            } else {
                if let newest, isAfterPrompt, block.isOfUser { separators.insert(newest) }
                (isAfterPrompt, newest) = (block.isOfUser, nil)
            }
        }
        if let newest, isAfterPrompt { separators.insert(newest) }
        return separators
    }
}

extension ContextStrategy where Self == DropCompletedToolCalls {
    /// Leaves out steps whose tool calls all have their outputs.
    ///
    /// - Parameter count: The number of the newest such steps that stay. Steps of the turn under way stay too.
    /// - Returns: The strategy.
    public static func dropCompletedToolCalls(keepingLast count: Int) -> DropCompletedToolCalls {
        DropCompletedToolCalls(keepingLast: count)
    }
}
