/// The outputs of a history's tool calls.
///
/// An output belongs to the newest call of its id before it that has no output yet; ids may be used again by later steps.
/// An output without such a call belongs to a later call of its id that no output follows.
struct OutputMatch {
    /// A call: the index of its entry, and its own among the entry's calls.
    struct Slot: Hashable {
        let entry: Int
        let call: Int
    }

    /// The index of each answered call's output.
    private(set) var outputs: [Slot: Int] = [:]
    /// The calls that outputs belong to, by the outputs' indices.
    private(set) var calls: [Int: Slot] = [:]
    /// The outputs that belong to no call, and the rule that they break.
    private(set) var strays: [Int: RepairRule] = [:]

    /// The calls of one entry that have the same id and no output, in order.
    private struct OpenCalls {
        let entry: Int
        var calls: [Int]
        var next = 0

        var isEmpty: Bool { next == calls.count }

        mutating func take() -> Slot {
            defer { next += 1 }
            return Slot(entry: entry, call: calls[next])
        }
    }

    /// Matches the outputs and the calls of a history.
    ///
    /// - Complexity: O(*n*) in the number of calls and outputs.
    init(_ entries: [Entry]) {
        var open: [ToolCall.ID: [OpenCalls]] = [:]
        var early: [ToolCall.ID: [Int]] = [:]
        var leadingCount = 0
        var isLeading = true
        for (index, entry) in entries.enumerated() {
            switch entry.content {
            case .toolCalls(let calls):
                Self.add(calls, at: index, to: &open)
            case .toolOutput(let output):
                let id = output.callID
                if open[id] == nil {
                    early[id, default: []].append(index)
                } else if let slot = Self.takeNewest(&open[id, default: []]) {
                    match(index, slot)
                } else {
                    strays[index] = .duplicatedOutput
                }
            case .instructions, .prompt, .reasoning, .response, .compaction: break
            }
            switch entry.content {
            case .instructions, .toolOutput: if isLeading { leadingCount = index + 1 }
            default: isLeading = false
            }
        }
        for (id, outputs) in early {
            var slots = (open[id] ?? []).lazy
                .flatMap { group in
                    group.calls[group.next...].lazy.map { Slot(entry: group.entry, call: $0) }
                }
                .makeIterator()
            for output in outputs {
                if let slot = slots.next() {
                    match(output, slot)
                } else {
                    strays[output] = output < leadingCount ? .leadingOutput : .orphanedOutput
                }
            }
        }
    }

    private static func add(_ calls: [ToolCall], at index: Int, to open: inout [ToolCall.ID: [OpenCalls]]) {
        var seen: Set<ToolCall> = []
        for (place, call) in calls.enumerated() where seen.insert(call).inserted {
            var groups = open.removeValue(forKey: call.id) ?? []
            if groups.last?.entry == index {
                groups[groups.count - 1].calls.append(place)
            } else {
                groups.append(OpenCalls(entry: index, calls: [place]))
            }
            open[call.id] = groups
        }
    }

    /// Takes the first call of the newest entry with one; `nil` if all calls of the id have an output.
    private static func takeNewest(_ groups: inout [OpenCalls]) -> Slot? {
        guard !groups.isEmpty else { return nil }
        let slot = groups[groups.count - 1].take()
        if groups[groups.count - 1].isEmpty { groups.removeLast() }
        return slot
    }

    private mutating func match(_ output: Int, _ slot: Slot) {
        outputs[slot] = output
        calls[output] = slot
    }
}
