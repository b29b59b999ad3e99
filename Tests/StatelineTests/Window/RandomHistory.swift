import StatelineTesting

@testable import Stateline

/// Histories of random turns, and the rules of a strict provider.
struct RandomHistory {
    /// The entries of the view.
    var entries: [Entry] = []
    /// The entries of a turn that is under way.
    var turn: [Entry] = []
    private var callCount = 0

    /// Makes a history of 0 to 12 turns; each third has a turn under way.
    init(using random: inout SeededGenerator, hasTurn: Bool? = nil) {
        if Bool.random(using: &random) { entries.append(.instructions("Be brief.")) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            entries += [Summarizer.compaction("Before."), .response(Summarize.acknowledgement)]
        }
        for number in 0..<Int.random(in: 0...12, using: &random) {
            if Int.random(in: 0..<12, using: &random) == 0 { entries.append(.instructions("Be kind.")) }
            entries += turn(number, endsWell: Int.random(in: 0..<8, using: &random) > 0, &random)
        }
        guard hasTurn ?? (Int.random(in: 0..<3, using: &random) == 0) else { return }
        turn = self.turn(99, endsWell: false, &random)
    }

    private mutating func turn(_ number: Int, endsWell: Bool, _ random: inout SeededGenerator) -> [Entry] {
        var entries: [Entry] = [.prompt("p\(number) " + Self.text(&random))]
        let steps = Int.random(in: endsWell ? 0...4 : 1...4, using: &random)
        for _ in 0..<steps {
            if Bool.random(using: &random) { entries.append(Entry(.reasoning(Reasoning(text: "Hm.")))) }
            if Bool.random(using: &random) { entries.append(.response("Let me look.")) }
            let calls = (0..<Int.random(in: 1...3, using: &random))
                .map { _ in
                    callCount += 1
                    return ToolCall(id: "c\(callCount)", name: "look", arguments: "{}")
                }
            entries.append(Entry(.toolCalls(calls)))
            entries += calls.shuffled(using: &random)
                .map { Entry(.toolOutput(ToolOutput(callID: $0.id, name: "look", text: Self.text(&random)))) }
        }
        if endsWell {
            if Bool.random(using: &random) { entries.append(Entry(.reasoning(Reasoning(text: "So.")))) }
            entries.append(.response("a\(number) " + Self.text(&random)))
        }
        return entries
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        String(repeating: "né ", count: Int.random(in: 0..<(Bool.random(using: &random) ? 4 : 400), using: &random))
    }

    /// A random strategy.
    static func strategy(using random: inout SeededGenerator) -> any ContextStrategy {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: .rollingWindow(turns: .random(in: 1...6, using: &random))
        case 1: .rollingWindow(tokens: .random(in: 1...3000, using: &random))
        case 2: .dropCompletedToolCalls(keepingLast: .random(in: 0...4, using: &random))
        case 3:
            .trimToolOutputs(
                over: .random(in: 1...200, using: &random),
                keepingLast: .random(in: 0...3, using: &random)
            )
        default:
            .summarize(with: FunctionModel { _ in .text("short") }, keepingLast: .random(in: 1...4, using: &random))
        }
    }
}

/// Returns what a strict provider would refuse of a request; `nil` if it would take it.
func strictFault(of entries: some Sequence<Entry>) -> String? {
    var open: Set<ToolCall.ID> = []
    var isFirst = true
    var wasUser = false
    for entry in entries {
        switch entry.content {
        case .instructions: continue
        case .prompt, .compaction:
            if !open.isEmpty { return "calls without outputs" }
            if wasUser { return "two of the user's messages in a row" }
            wasUser = true
        case .reasoning, .response:
            if !open.isEmpty { return "an answer before the outputs" }
            if isFirst { return "an answer at the beginning" }
            wasUser = false
        case .toolCalls(let calls):
            if !open.isEmpty { return "calls before the outputs of the ones before" }
            if isFirst { return "calls at the beginning" }
            open = Set(calls.map(\.id))
            if open.count != calls.count { return "two calls of one id" }
            wasUser = false
        case .toolOutput(let output):
            if open.remove(output.callID) == nil { return "an output without its call" }
        }
        isFirst = false
    }
    return open.isEmpty ? nil : "calls without outputs at the end"
}
