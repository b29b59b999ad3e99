extension ContextView {
    /// Returns the reason why a view cannot stand in place of this one; `nil` if it can.
    ///
    /// What is wrong with this view already may be wrong with the other one.
    ///
    /// - Complexity: O(*n*) in the number of entries.
    func fault(of other: ContextView) -> String? {
        fault(ofSlots: other) ?? fault(ofOrder: other)
    }

    /// Checks the entries that have to stay.
    private func fault(ofSlots other: ContextView) -> String? {
        var last = -1
        var isInTurn = false
        var kept: Set<Int> = []
        for item in other.items {
            if let slot = item.slot {
                guard slot > last else { return "an entry is kept twice, or out of order" }
                last = slot
                kept.insert(slot)
                isInTurn = item.isOfTurn
            } else if isInTurn {
                return "an entry is inserted into the turn that is under way"
            }
        }
        let newestPrompt = items.last(where: \.isPrompt)?.slot
        for item in items {
            guard let slot = item.slot, !kept.contains(slot) else { continue }
            if case .instructions = item.entry.content { return "instructions are left out" }
            if item.isOfTurn { return "an entry of the turn that is under way is left out" }
            if slot == newestPrompt { return "the newest prompt is left out" }
        }
        for block in blocks where block.kind == .toolCalls {
            let isKept = Set(items[block.range].compactMap(\.slot).map { kept.contains($0) })
            if isKept.count > 1 { return "a step with tool calls is kept in part" }
        }
        return nil
    }

    /// Checks the order of the entries.
    private func fault(ofOrder other: ContextView) -> String? {
        let (mine, others) = (disorder, other.disorder)
        if others.openCalls > mine.openCalls { return "a tool call has no output directly after it" }
        if others.orphans > mine.orphans { return "an output has no tool call directly before it" }
        if others.promptPairs > mine.promptPairs { return "two prompts are next to each other" }
        if others.beginsWithAnswer, !mine.beginsWithAnswer { return "the view begins with an answer" }
        if others.endsWithPrompt, !mine.endsWithPrompt { return "the view ends with a prompt" }
        return nil
    }

    private struct Disorder {
        var openCalls = 0
        var orphans = 0
        var promptPairs = 0
        var beginsWithAnswer = false
        var endsWithPrompt = false
    }

    private var disorder: Disorder {
        var disorder = Disorder()
        var open: [ToolCall.ID] = []
        var previous: Block?
        for block in blocks where block.kind != .instructions {
            if previous == nil { disorder.beginsWithAnswer = !block.isOfUser }
            if block.isOfUser, previous?.isOfUser == true { disorder.promptPairs += 1 }
            previous = block
            open = []
            for item in items[block.range] {
                switch item.entry.content {
                case .toolCalls(let calls): open += calls.map(\.id)
                case .toolOutput(let output):
                    if let index = open.firstIndex(of: output.callID) {
                        open.remove(at: index)
                    } else {
                        disorder.orphans += 1
                    }
                case .instructions, .prompt, .reasoning, .response, .compaction: break
                }
            }
            disorder.openCalls += open.count
        }
        disorder.endsWithPrompt = previous?.isOfUser == true
        return disorder
    }
}

extension ContextView.Item {
    fileprivate var isPrompt: Bool { if case .prompt = entry.content { true } else { false } }
}
