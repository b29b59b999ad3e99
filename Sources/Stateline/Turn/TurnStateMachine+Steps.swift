extension TurnStateMachine {
    /// The draft's entries that the log lacks.
    var unloggedEntries: ArraySlice<Entry> { collected.entries.dropFirst(logged.entries) }

    /// The draft's calls that the log lacks.
    var unloggedCalls: ArraySlice<Crossing> { collected.crossings.dropFirst(logged.calls) }

    /// Records that the log holds the whole draft.
    mutating func stepLogged() {
        logged = (collected.entries.count, collected.crossings.count)
    }

    /// Records that the opening batch holds the draft's entries.
    mutating func opened() {
        logged.entries = collected.entries.count
    }

    /// Takes in inputs of other turns, which the log holds: the next call carries them.
    ///
    /// - Returns: `false` if the turn is not between two steps.
    mutating func inputsArrived(_ entries: [Entry]) -> Bool {
        switch state {
        case .open: break
        case .answered(let calls):
            guard calls.isEmpty else { return false }
        case .committing: break
        case .calling: return false
        case .failed: return false
        case .ended: return false
        }
        collected.entries += entries
        logged.entries += entries.count
        state = .open
        return true
    }

    /// Ends the turn in this process: it waits, or another process has it.
    mutating func left() {
        state = .ended
    }
}

extension Entry {
    /// `true` for a part of a model's answer.
    var isAnswer: Bool {
        switch content {
        case .reasoning, .toolCalls, .response: true
        case .instructions, .prompt, .toolOutput, .compaction: false
        }
    }
}
