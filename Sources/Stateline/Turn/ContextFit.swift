/// The result of asking strategies for a smaller view.
struct ContextFit: Sendable {
    /// The view before.
    let original: ContextView
    /// The view after the plans that were used.
    private(set) var view: ContextView
    /// The names of the strategies whose plans were used.
    private(set) var strategies: [String] = []
    /// The calls that wrote summaries, those that failed included.
    private(set) var crossings: [Crossing] = []
    /// The error of the newest call for a summary that failed.
    private(set) var failure: ModelError?
    /// The newest plan that was refused.
    private(set) var refusal: (strategy: String, reason: String)?

    init(_ view: ContextView) {
        self.original = view
        self.view = view
    }

    /// `true` if the request became smaller.
    var isChanged: Bool { !strategies.isEmpty }

    /// `true` if entries of the session's view are left out or replaced.
    var changesView: Bool {
        isChanged
            && !original.items.filter { !$0.isOfTurn }
                .elementsEqual(view.items.filter { !$0.isOfTurn }) { $0.slot == $1.slot && !$1.isNew }
    }

    /// The entries of the turn under way, as its requests carry them.
    var turnEntries: [Entry] { view.items.filter(\.isOfTurn).map(\.entry) }

    /// The number of entries of the turn before the first that is shortened; `nil` if none is.
    var entriesBeforeShortened: Int? { view.items.filter(\.isOfTurn).firstIndex(where: \.isNew) }

    /// The number of entries of the turn that are shortened.
    var shortenedCount: Int { view.items.count { $0.isOfTurn && $0.isNew } }

    /// Uses a strategy's plan if it makes a smaller view that a provider takes.
    ///
    /// - Parameters:
    ///   - strategy: The strategy.
    ///   - summarize: Makes the call for a summary; returns its record, and the summary or an error.
    mutating func use(
        _ strategy: any ContextStrategy,
        summarize: (Summarizer, [Entry]) async -> (crossing: Crossing, result: Result<Entry, ModelError>)
    ) async {
        let plan = strategy.plan(for: view)
        guard !plan.isIdentity(of: view.items.count) else { return }
        let parts = plan.pieces.compactMap { piece in
            if case .summary(let places, let summarizer) = piece { (places, summarizer) } else { nil }
        }
        // Before a summary is paid for.
        let blank = [Entry](repeating: Entry(.compaction([])), count: parts.count)
        guard take(plan, of: strategy, summaries: blank) != nil else { return }
        var summaries: [Entry] = []
        for (places, summarizer) in parts {
            let entries = places.filter(view.items.indices.contains).map { view.items[$0].entry }
            let (crossing, result) = await summarize(summarizer, entries)
            crossings.append(crossing)
            switch result {
            case .success(let entry): summaries.append(entry)
            case .failure(let error):
                failure = error
                return
            }
        }
        guard let next = take(plan, of: strategy, summaries: summaries) else { return }
        view = next
        strategies.append(strategy.name)
    }

    private mutating func take(
        _ plan: ContextPlan,
        of strategy: any ContextStrategy,
        summaries: [Entry]
    ) -> ContextView? {
        let reason: String
        if let next = view.applying(plan, summaries: summaries) {
            if let fault = view.fault(of: next) {
                reason = fault
            } else {
                return next.tokens < view.tokens ? next : nil
            }
        } else {
            reason = "it names an entry that is not there"
        }
        refusal = (strategy.name, reason)
        return nil
    }
}

extension TurnSession {
    /// Asks strategies, in order, until the view has at most its target of tokens.
    ///
    /// A strategy whose plan is refused, or whose summary fails, is passed over.
    ///
    /// - Parameters:
    ///   - view: The view.
    ///   - strategies: The strategies.
    ///   - base: The position of the session.
    ///   - timeLeft: The time that calls may take; `nil` for no limit.
    ///   - stopwatch: The stopwatch of the calls.
    /// - Returns: The smaller view.
    func fit(
        _ view: ContextView,
        by strategies: [any ContextStrategy],
        at base: Position,
        timeLeft: Duration?,
        stopwatch: Stopwatch
    ) async -> ContextFit {
        var fit = ContextFit(view)
        for strategy in strategies where fit.view.tokens > view.target && fit.failure != .cancelled {
            await fit.use(strategy) { summarizer, entries in
                await summary(by: summarizer, of: entries, at: base, timeLeft: timeLeft, stopwatch: stopwatch)
            }
        }
        return fit
    }
}
