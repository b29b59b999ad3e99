extension Snapshot {
    /// The settings that the log holds up to here.
    public var settings: SessionSettings { settingsBox?.value ?? SessionSettings() }

    /// Makes the batch of a change of settings.
    ///
    /// - Complexity: O(*r*) in the number of ranges of the view.
    func batch(of change: SettingsChange, turn: TurnID, created: Timestamp) -> Batch {
        var batch = Batch(.edit, turn: turn, created: created)
        if let instructions = change.instructions, !hasInstructions(instructions) {
            var ranges = EntryRanges()
            if !instructions.isEmpty {
                batch.entries = [.instructions(instructions)]
                ranges.append(head.totals.entries..<head.totals.entries + 1)
            }
            for range in view.ranges(after: transcript.preamble.count) { ranges.append(range) }
            batch.view = Batch.View(base: 0, kept: 0, ranges: ranges.ranges)
        }
        var settings = Batch.Settings()
        settings.options = change.options?.stored
        settings.tools = change.tools
        if !settings.isEmpty { batch.settings = settings }
        return batch
    }

    /// Returns `true` if the view begins with these instructions alone.
    fileprivate func hasInstructions(_ text: String) -> Bool {
        let preamble = transcript.preamble
        return text.isEmpty ? preamble.isEmpty : preamble.count == 1 && preamble.first == .instructions(text)
    }
}

extension SettingsChange {
    /// Returns `true` if a session has the new settings already.
    func isMade(in snapshot: Snapshot) -> Bool {
        let settings = snapshot.settings
        return instructions.map(snapshot.hasInstructions) ?? true
            && options.map { $0 == settings.options } ?? true
            && tools.map { $0 == settings.tools } ?? true
    }
}
