import NIOCore
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct ContextPlanTests {
    /// Asks strategies in order; summaries are made up.
    static func fit(_ view: ContextView, _ strategies: [any ContextStrategy]) async -> ContextFit {
        var fit = ContextFit(view)
        for strategy in strategies where fit.view.tokens > view.target {
            await fit.use(strategy) { summarizer, _ in
                let crossing = Crossing(
                    step: 0,
                    route: summarizer.model.route,
                    started: Timestamp(milliseconds: 0),
                    sentAgainBytes: 0,
                    newBytes: 1,
                    requestDigest: .sha256(ByteBuffer()),
                    outcome: .answered(.stop)
                )
                return (crossing, .success(Summarizer.compaction("short")))
            }
        }
        return fit
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func `a strict provider takes every view that strategies make of one that it takes`(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let history = RandomHistory(using: &random)
        let request = history.entries + history.turn
        let next: [Entry] = history.turn.isEmpty ? [.prompt("next")] : []
        let strategies = (0..<Int.random(in: 1...4, using: &random))
            .map { _ in
                RandomHistory.strategy(using: &random)
            }
        let view = ContextView(history.entries, turn: history.turn, target: .random(in: 0...2000, using: &random))
        let fit = await Self.fit(view, strategies)
        let fitted = fit.view.items.map(\.entry)
        #expect(strictFault(of: request + next) == nil, "seed \(seed)")
        #expect(strictFault(of: fitted + next) == nil, "seed \(seed): \(fit.strategies)")
        // Plans of the library's own strategies are never refused for what they leave out.
        #expect(fit.refusal == nil, "seed \(seed)")
        func instructions(_ entries: [Entry]) -> [Entry] {
            entries.filter { if case .instructions = $0.content { true } else { false } }
        }
        #expect(instructions(fitted) == instructions(request), "seed \(seed)")
        let isPrompt: (Entry) -> Bool = { if case .prompt = $0.content { true } else { false } }
        #expect(fitted.last(where: isPrompt) == request.last(where: isPrompt), "seed \(seed)")
        #expect(fit.turnEntries.count == history.turn.count, "seed \(seed)")
        #expect(!fit.isChanged || fit.view.tokens < view.tokens, "seed \(seed)")
        // Reasoning stays with its calls.
        for (index, entry) in fitted.enumerated() {
            guard case .toolCalls(let calls) = entry.content, let id = calls.first?.id else { continue }
            let place = request.firstIndex { $0.toolCallIDs.contains(id) } ?? 0
            let before = request[..<place].last
            if before?.isOfModel == true { #expect(fitted[index - 1] == before, "seed \(seed)") }
        }
    }

    /// Two turns with tools, and one without.
    static let history: [Entry] = [
        .instructions("Be brief."), .prompt("p0"), .toolCalls("a"), .output("a", "out a"), .response("a0"),
        .prompt("p1"), Entry(.reasoning(Reasoning(text: "Hm."))), .toolCalls("b", "c"), .output("b", "out b"),
        .output("c", "out c"), .toolCalls("d"), .output("d", "out d"), .response("a1"), .prompt("p2"), .response("a2"),
    ]

    private func texts(_ strategies: any ContextStrategy..., history: [Entry] = history, turn: [Entry] = [])
        async -> [String]
    {
        await Self.fit(ContextView(history, turn: turn), strategies).view.items
            .map { item in
                item.entry.toolCallIDs.isEmpty ? item.entry.text : "calls " + item.entry.toolCallIDs.joined()
            }
    }

    @Test func `a rolling window keeps the instructions and the newest turns`() async {
        #expect(await texts(.rollingWindow(turns: 1)) == ["Be brief.", "p2", "a2"])
        #expect(await texts(.rollingWindow(turns: 1), turn: [.prompt("p3")]) == ["Be brief.", "p3"])
        #expect(await texts(.rollingWindow(tokens: 1)) == ["Be brief.", "p2", "a2"])
        #expect(await texts(.rollingWindow(turns: 3)).count == Self.history.count)
        #expect(await texts(.rollingWindow(tokens: 100_000)).count == Self.history.count)
    }

    @Test func `completed tool calls go with their reasoning, and the newest stay`() async {
        let answers = ["Be brief.", "p0", "a0", "p1", "a1", "p2", "a2"]
        #expect(await texts(.dropCompletedToolCalls(keepingLast: 0)) == answers)
        let newest = ["Be brief.", "p0", "a0", "p1", "calls d", "out d", "a1", "p2", "a2"]
        #expect(await texts(.dropCompletedToolCalls(keepingLast: 1)) == newest)
    }

    @Test func `a step that parts two prompts, or ends the view, stays`() async {
        let history: [Entry] = [
            .prompt("p0"), .toolCalls("a"), .output("a", "x"), .toolCalls("b"), .output("b", "y"), .prompt("p1"),
            .toolCalls("c"), .output("c", "z"),
        ]
        let kept = ["p0", "calls b", "y", "p1", "calls c", "z"]
        #expect(await texts(.dropCompletedToolCalls(keepingLast: 0), history: history) == kept)
    }

    @Test func `a call whose output is in the turn under way stays with the turn before`() async {
        let open: [Entry] = [.prompt("p0"), .response("a0"), .prompt("p1"), .toolCalls("a")]
        let turn: [Entry] = [.output("a", "interrupted"), .prompt("p2")]
        let texts = await texts(.rollingWindow(turns: 1), history: open, turn: turn)
        #expect(texts == ["p1", "calls a", "interrupted", "p2"])
    }

    @Test func `a long output keeps its beginning and its end, in whole characters`() async {
        let text = "begin" + String(repeating: "é🧭", count: 2000) + "end"
        let view = ContextView([.prompt("p"), .toolCalls("a"), .output("a", text), .response("r")])
        let fit = await Self.fit(view, [.trimToolOutputs(over: 100)])
        let trimmed = fit.view.items[2].entry.text
        #expect(trimmed.hasPrefix("begin") && trimmed.hasSuffix("end") && trimmed.contains("bytes were left out"))
        #expect(!trimmed.contains("\u{FFFD}"))
        #expect(trimmed.utf8.count < 500)
        #expect(fit.view.items.count == 4)
        #expect(await Self.fit(view, [.trimToolOutputs(over: 100, keepingLast: 1)]).isChanged == false)
    }

    @Test func `a summary stands in place of the older turns, with an answer behind it`() async {
        let strategy: some ContextStrategy = .summarize(with: FunctionModel { _ in .text("x") }, keepingLast: 1)
        let summary = Summarizer.compaction("short").text
        let long = Self.history.map { $0.text == "a0" ? .response(String(repeating: "long ", count: 99)) : $0 }
        #expect(await texts(strategy, history: long) == ["Be brief.", summary, "Understood.", "p2", "a2"])
    }

    @Test func `strategies are asked in order until the view fits`() async {
        let view = ContextView(Self.history, target: 150)
        let fit = await Self.fit(view, [.dropCompletedToolCalls(keepingLast: 0), .rollingWindow(turns: 1)])
        #expect(fit.strategies == ["dropCompletedToolCalls(keepingLast: 0)"])
        let more = await Self.fit(
            ContextView(Self.history, target: 1),
            [.dropCompletedToolCalls(keepingLast: 0), .rollingWindow(turns: 1)]
        )
        #expect(more.strategies == ["dropCompletedToolCalls(keepingLast: 0)", "rollingWindow(turns: 1)"])
    }

    /// A strategy of a test's own.
    private struct Own: ContextStrategy {
        let name = "own"
        let pieces: [ContextPlan.Piece]

        func plan(for view: ContextView) -> ContextPlan { ContextPlan(pieces) }
    }

    @Test(
        arguments: [
            ([.kept(1..<15)], "instructions are left out"),
            ([.kept(0..<1), .kept(5..<13)], "the newest prompt is left out"),
            ([.kept(0..<2), .kept(3..<15)], "a step with tool calls is kept in part"),
            ([.kept(0..<6), .kept(7..<15)], "a step with tool calls is kept in part"),
            ([.kept(0..<5), .kept(4..<15)], "an entry is kept twice, or out of order"),
            ([.kept(0..<1), .kept(2..<15)], "the view begins with an answer"),
            ([.kept(0..<4), .kept(5..<14)], "the view ends with a prompt"),
            ([.kept(0..<1), .kept(13..<99)], "it names an entry that is not there"),
            ([.kept(0..<2), .kept(5..<15)], "two prompts are next to each other"),
            (
                [.kept(0..<3), .replaced(3, by: .output("z", "")), .kept(4..<15)],
                "a tool call has no output directly after it"
            ),
        ] as [([ContextPlan.Piece], String)]
    )
    func `a plan that a provider would not take is refused`(pieces: [ContextPlan.Piece], reason: String) async {
        let fit = await Self.fit(ContextView(Self.history), [Own(pieces: pieces)])
        #expect(!fit.isChanged)
        #expect(fit.refusal?.reason == reason)
    }

    @Test func `a strategy of one's own may replace entries`() async {
        let short = Own(pieces: [.kept(0..<1), .replaced(1, by: .prompt("")), .kept(2..<15)])
        let fit = await Self.fit(ContextView(Self.history), [short])
        #expect(fit.strategies == ["own"])
        #expect(fit.view.items[1].entry == .prompt(""))
    }
}

extension Entry {
    /// Makes calls of a tool.
    static func toolCalls(_ ids: String...) -> Entry {
        Entry(.toolCalls(ids.map { ToolCall(id: $0, name: "look", arguments: "{}") }))
    }

    /// Makes the output of a call.
    static func output(_ id: String, _ text: String) -> Entry {
        Entry(.toolOutput(ToolOutput(callID: id, name: "look", text: text)))
    }

    /// The ids of the entry's calls.
    var toolCallIDs: [String] { if case .toolCalls(let calls) = content { calls.map(\.id) } else { [] } }
}
