/// A change of single entries of a view.
enum ViewEdit: Sendable {
    /// Shows another entry in an entry's place.
    case replace(EntryNumber, with: Entry)
    /// Takes entries out, and all of a step whose call or output is among them.
    case remove(Set<EntryNumber>)
    /// Shows new entries before an entry.
    case insert([Entry], before: EntryNumber)
    /// Adds entries at the end.
    case append([Entry])

    /// The reason why an edit is not possible.
    enum Fault: Error, Hashable, Sendable {
        /// The view does not show the entry.
        case unknownEntry(EntryNumber)
        /// The view would break these rules, and did not before.
        case unsound([RepairRule])
    }

    /// The largest number that the edit names; `nil` if it names none.
    var newestNumber: EntryNumber? {
        switch self {
        case .replace(let number, _), .insert(_, let number): number
        case .remove(let numbers): numbers.max()
        case .append: nil
        }
    }
}

extension Snapshot {
    /// Makes the batch of an edit.
    ///
    /// - Throws: ``ViewEdit/Fault`` if the view does not show an entry, or if the edit would split calls from outputs or
    ///   break another rule that only an edit can break. A prompt without an answer may stand: the next turn adds one.
    /// - Complexity: O(*n*) in the number and the size of the view's entries.
    func batch(of edit: ViewEdit, turn: TurnID, created: Timestamp) throws(ViewEdit.Fault) -> Batch {
        var batch = Batch(.edit, turn: turn, created: created)
        let shown = Array(transcript)
        var items = shown.indices.map { Repair.Item.kept($0) }
        switch edit {
        case .replace(let number, let entry): items[try index(of: number)] = .added(entry)
        case .remove(let numbers):
            var indices: Set<Int> = []
            for number in numbers { indices.insert(try index(of: number)) }
            let removed = Self.wholeSteps(indices, in: shown)
            items = shown.indices.filter { !removed.contains($0) }.map { .kept($0) }
        case .insert(let entries, let number):
            items.insert(contentsOf: entries.map { .added($0) }, at: try index(of: number))
        case .append(let entries): items += entries.map { .added($0) }
        }
        let edited = items.map { item in
            switch item {
            case .kept(let index): shown[index]
            case .added(let entry): entry
            }
        }
        let (before, after) = (Repair(shown).report, Repair(edited).report)
        let broken = RepairRule.allCases.filter { !$0.mayFollowEdit && after[$0] > before[$0] }
        guard broken.isEmpty else { throw .unsound(broken) }
        if case .append(let entries) = edit {
            batch.entries = entries
        } else {
            batch.show(items, keeping: 0, of: self)
        }
        return batch
    }

    private func index(of number: EntryNumber) throws(ViewEdit.Fault) -> Int {
        guard let index = view.index(of: number.rawValue) else { throw .unknownEntry(number) }
        return index
    }

    /// Returns the entries that go with some: the calls and outputs of their steps, and reasoning that loses its item.
    private static func wholeSteps(_ indices: Set<Int>, in entries: [Entry]) -> Set<Int> {
        var removed = indices
        let match = OutputMatch(entries)
        let steps = Set(indices.compactMap { match.calls[$0]?.entry } + indices)
        removed.formUnion(steps)
        for (slot, output) in match.outputs where steps.contains(slot.entry) { removed.insert(output) }
        var (hadItem, hasItem) = (false, false)
        for (index, entry) in zip(entries.indices, entries).reversed() {
            switch entry.content {
            case .reasoning: if hadItem, !hasItem { removed.insert(index) }
            case .response, .toolCalls:
                hadItem = true
                if !removed.contains(index) { hasItem = true }
            case .instructions, .prompt, .toolOutput, .compaction: (hadItem, hasItem) = (false, false)
            }
        }
        return removed
    }
}

extension RepairRule {
    /// `true` if an edit may leave it to the next turn's repair.
    fileprivate var mayFollowEdit: Bool {
        switch self {
        case .consecutivePrompts, .emptyAnswer: true
        case .danglingCall, .unansweredCall, .orphanedOutput, .leadingOutput, .duplicatedOutput, .duplicatedCall,
            .misorderedOutput, .truncatedArguments, .reasoningWithoutItem:
            false
        }
    }
}
