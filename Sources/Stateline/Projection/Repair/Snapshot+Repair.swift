extension Snapshot {
    /// The repair of the view, from the entry on at which it began.
    struct ViewRepair: Sendable {
        /// The number of entries before those that were looked at; they are sound.
        let start: Int
        /// The repair of the entries after those.
        let repair: Repair
    }

    /// Repairs the view, so that providers accept it with a prompt at its end.
    ///
    /// The entries that are known to be sound are not looked at again, but for the last exchange of them.
    ///
    /// - Returns: The repair; `nil` if the view is sound.
    /// - Complexity: O(*k*) in the number and the size of the entries that are not known to be sound.
    func repaired() -> ViewRepair? {
        // Calls do not cross a prompt in a sound history.
        var start = soundCount
        while start > 0, start == transcript.count || !transcript[start].isPrompt { start -= 1 }
        let isAfterPrompt = start > 0 && transcript[start - 1].isPrompt
        let rest = transcript[start...]
        if Self.isPlain(rest, isAfterPrompt: isAfterPrompt) { return nil }
        let repair = Repair(Array(rest), isAfterPrompt: isAfterPrompt)
        return repair.isClean ? nil : ViewRepair(start: start, repair: repair)
    }

    /// Returns `true` for exchanges of prompts and responses, without an allocation: most turns are such.
    private static func isPlain(_ entries: Transcript.SubSequence, isAfterPrompt: Bool) -> Bool {
        var isAfterPrompt = isAfterPrompt
        for entry in entries {
            switch entry.content {
            case .prompt:
                if isAfterPrompt { return false }
                isAfterPrompt = true
            case .response:
                if entry.isEmptyAnswer { return false }
                isAfterPrompt = false
            case .instructions, .compaction: isAfterPrompt = false
            case .reasoning, .toolCalls, .toolOutput: return false
            }
        }
        return !isAfterPrompt
    }

    /// Makes the batch of a repair: its new entries, and the view with them.
    func batch(of repaired: ViewRepair, turn: TurnID, created: Timestamp) -> Batch {
        var batch = Batch(.repair, turn: turn, created: created)
        batch.show(repaired.repair.items.map { $0.shifted(by: repaired.start) }, keeping: repaired.start, of: self)
        return batch
    }
}

extension Repair.Item {
    fileprivate func shifted(by count: Int) -> Repair.Item {
        switch self {
        case .kept(let index): .kept(index + count)
        case .added: self
        }
    }
}

extension Batch {
    /// Makes a list of entries the view that follows a snapshot.
    ///
    /// - Parameters:
    ///   - items: The entries after those that are kept: entries of the snapshot's view, or new ones.
    ///   - start: The number of the view's first entries that are kept.
    ///   - snapshot: The session.
    /// - Complexity: O(*k* log *r*) in the number of items.
    mutating func show(_ items: [Repair.Item], keeping start: Int, of snapshot: Snapshot) {
        var kept = start
        var rest = items[...]
        while case .kept(kept)? = rest.first {
            kept += 1
            rest = rest.dropFirst()
        }
        var ranges = EntryRanges()
        for item in rest {
            let number: Int
            switch item {
            case .kept(let index): number = snapshot.view.number(at: index)
            case .added(let entry):
                number = snapshot.head.totals.entries + entries.count
                entries.append(entry)
            }
            ranges.append(number..<number + 1)
        }
        view = Batch.View(base: snapshot.position.revision, kept: kept, ranges: ranges.ranges)
    }
}
