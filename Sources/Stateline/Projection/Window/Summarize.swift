/// A strategy that puts a summary in place of all turns but the newest.
///
/// A later summary takes in the earlier one. A short answer follows the summary, so that it does not stand next to the
/// prompt behind it: models whose templates want alternating roles refuse that.
///
/// Source: the answer after a summary is that of aider, `history.py`.
public struct Summarize: ContextStrategy {
    /// The answer that follows a summary.
    static let acknowledgement = "Understood."

    private let summarizer: Summarizer
    private let keptCount: Int

    init(with summarizer: Summarizer, keepingLast turns: Int) {
        precondition(turns > 0, "the newest turn cannot be summarized")
        self.summarizer = summarizer
        self.keptCount = turns
    }

    /// The name with the model and the number of turns that stay.
    public var name: String { "summarize(with: \(summarizer.model.route.model), keepingLast: \(keptCount))" }

    /// Plans a view of the instructions, a summary and the newest turns.
    public func plan(for view: ContextView) -> ContextPlan {
        let blocks = view.blocks
        let starts = ContextView.turnStarts(in: blocks)
        guard starts.count > keptCount else { return view.wholePlan }
        let first = ContextView.turnStart(in: blocks, atMost: starts[starts.count - keptCount])
        let old = blocks[..<first].filter { $0.kind != .instructions }
        guard old.contains(where: { $0.kind == .prompt }) else { return view.wholePlan }
        let entries = ContextView.entries(of: old)
        return ContextPlan(
            count: view.items.count,
            dropping: entries,
            inserting: [.summary(of: entries, by: summarizer), .inserted(.response(Self.acknowledgement))]
        )
    }
}

extension ContextStrategy where Self == Summarize {
    /// Puts a summary in place of all turns but the newest.
    ///
    /// - Parameters:
    ///   - summarizer: The model that writes the summary, and its instructions.
    ///   - turns: The number of the newest turns that stay, at least 1; the one under way counts.
    /// - Returns: The strategy.
    public static func summarize(with summarizer: Summarizer, keepingLast turns: Int = 2) -> Summarize {
        Summarize(with: summarizer, keepingLast: turns)
    }

    /// Puts a summary in place of all turns but the newest.
    ///
    /// - Parameters:
    ///   - model: The model that writes the summary.
    ///   - turns: The number of the newest turns that stay, at least 1; the one under way counts.
    /// - Returns: The strategy.
    public static func summarize(with model: some LanguageModel, keepingLast turns: Int = 2) -> Summarize {
        Summarize(with: Summarizer(model), keepingLast: turns)
    }
}
