import NIOCore
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct RepairTests {
    static func calls(_ ids: String..., arguments: String = "{}") -> Entry {
        Entry(.toolCalls(ids.map { ToolCall(id: $0, name: "t", arguments: arguments) }))
    }

    static func output(_ id: String, _ text: String = "out") -> Entry {
        Entry(.toolOutput(ToolOutput(callID: id, name: "t", text: text)))
    }

    static let thought = Entry(.reasoning(Reasoning(text: "hm")))
    static let interrupted = "The call was interrupted before it gave an output."
    static let none = Entry.response("No answer was given.")

    /// A history that breaks one rule, and the repaired one.
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: RepairRule
        let before: [Entry]
        let after: [Entry]
        var testDescription: String { rule.rawValue }
    }

    static let q = Entry.prompt("q")
    static let r = Entry.response("r")
    static let cases = [
        Case(rule: .danglingCall, before: [q, calls("a")], after: [q, calls("a"), output("a", interrupted)]),
        Case(
            rule: .danglingCall,
            before: [q, calls("a", "b"), output("b")],
            after: [q, calls("a", "b"), output("b"), output("a", interrupted)]
        ),
        Case(
            rule: .unansweredCall,
            before: [q, calls("a"), q, r],
            after: [q, calls("a"), output("a", interrupted), q, r]
        ),
        Case(rule: .orphanedOutput, before: [q, output("a"), r], after: [q, r]),
        Case(
            rule: .leadingOutput,
            before: [.instructions("i"), output("a"), q, r],
            after: [.instructions("i"), q, r]
        ),
        Case(
            rule: .duplicatedOutput,
            before: [q, calls("a"), output("a", "1"), output("a", "2"), r],
            after: [q, calls("a"), output("a", "1"), r]
        ),
        Case(
            rule: .duplicatedCall,
            before: [q, calls("a", "a"), output("a"), r],
            after: [q, calls("a"), output("a"), r]
        ),
        Case(
            rule: .misorderedOutput,
            before: [q, calls("a"), r, output("a"), r],
            after: [q, calls("a"), output("a"), r, r]
        ),
        Case(
            rule: .misorderedOutput,
            before: [q, output("a"), calls("a"), r],
            after: [q, calls("a"), output("a"), r]
        ),
        Case(
            rule: .misorderedOutput,
            before: [q, calls("a"), calls("b"), output("a"), output("b"), r],
            after: [q, calls("a"), output("a"), calls("b"), output("b"), r]
        ),
        Case(
            rule: .truncatedArguments,
            before: [q, calls("a", arguments: #"{"c":"Par"#), output("a"), r],
            after: [q, calls("a", arguments: #"{"truncated_arguments":"{\"c\":\"Par"}"#), output("a"), r]
        ),
        Case(
            rule: .truncatedArguments,
            before: [q, calls("a", arguments: "[]"), output("a"), r],
            after: [q, calls("a", arguments: #"{"truncated_arguments":"[]"}"#), output("a"), r]
        ),
        Case(
            rule: .truncatedArguments,
            before: [q, calls("a", arguments: ""), output("a"), r],
            after: [q, calls("a"), output("a"), r]
        ),
        Case(rule: .reasoningWithoutItem, before: [q, r, thought, thought, q, r], after: [q, r, q, r]),
        Case(rule: .emptyAnswer, before: [q, .response(""), q, r], after: [q, none, q, r]),
        Case(
            rule: .emptyAnswer,
            before: [q, thought, .response(" \n"), calls("a"), output("a"), r],
            after: [q, thought, calls("a"), output("a"), r]
        ),
        Case(rule: .emptyAnswer, before: [q, Entry(.toolCalls([])), r], after: [q, r]),
        Case(rule: .consecutivePrompts, before: [q, q, r], after: [q, none, q, r]),
        Case(rule: .consecutivePrompts, before: [q, r, q], after: [q, r, q, none]),
    ]

    static func repaired(_ entries: [Entry]) -> [Entry] { Repair(entries).result(of: entries) }

    @Test(arguments: cases)
    func `a history that breaks a rule is repaired by it, once`(fault: Case) {
        let repair = Repair(fault.before)
        #expect(repair.result(of: fault.before).map(\.withoutFlag) == fault.after)
        #expect(repair.report.rules == [fault.rule])
        #expect(repair.report.total == 1 || fault.rule == .reasoningWithoutItem)
        #expect(StrictHistory.fault(of: fault.before) != nil)
        #expect(StrictHistory.fault(of: repair.result(of: fault.before)) == nil)
    }

    @Test func `each rule has a case`() {
        #expect(Set(Self.cases.map(\.rule)) == Set(RepairRule.allCases))
    }

    @Test func `calls of one id and other arguments are told apart, with their outputs`() {
        let both = Entry(
            .toolCalls([
                ToolCall(id: "a", name: "t", arguments: "{}"), ToolCall(id: "a", name: "u", arguments: "{}"),
            ])
        )
        let before = [Self.q, both, Self.output("a", "1"), Self.output("a", "2"), Self.r]
        let after = Self.repaired(before)
        guard case .toolCalls(let calls) = after[1].content else { return #expect(Bool(false)) }
        #expect(calls.map(\.id) == ["a", "a_2"])
        #expect(after[2...3] == [Self.output("a", "1"), Self.output("a_2", "2")])
        #expect(StrictHistory.fault(of: after) == nil)
    }

    @Test func `the provider's bytes of calls stay if each call stays`() {
        let bytes = ProviderBytes(dialect: "d", bytes: .init(string: "{}"))
        let cut = Entry(.toolCalls([ToolCall(id: "a", name: "t", arguments: "{")]), providerBytes: bytes)
        #expect(Self.repaired([Self.q, cut, Self.output("a"), Self.r])[1].providerBytes == bytes)
    }

    @Test func `only a repair at the end is an addition`() {
        #expect(Repair([Self.q, Self.calls("a")]).additions?.count == 1)
        #expect(Repair([Self.q]).additions == [Self.none])
        #expect(Repair([Self.q, Self.q, Self.r]).additions == nil)
        #expect(Repair([Self.q, Self.r, Self.thought]).additions == nil)
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func `a sound history is left alone, and each prefix of it is mended at its end`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let entries = StrictHistory.random(turns: Int.random(in: 1...6, using: &random), using: &random)
        #expect(StrictHistory.fault(of: entries) == nil)
        for cut in 0...entries.count {
            let prefix = Array(entries[..<cut])
            let repair = Repair(prefix)
            #expect(repair.isClean == (StrictHistory.fault(of: prefix) == nil), "seed \(seed), cut at \(cut)")
            #expect(StrictHistory.fault(of: repair.result(of: prefix)) == nil, "seed \(seed), cut at \(cut)")
            if !repair.report.rules.contains(.reasoningWithoutItem) { #expect(repair.additions != nil) }
        }
    }

    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `a damaged history is repaired to one that strict providers accept, and a repair is idempotent`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let sound = StrictHistory.random(turns: Int.random(in: 1...5, using: &random), using: &random)
        let entries = StrictHistory.damaged(sound, using: &random)
        let repair = Repair(entries)
        let result = repair.result(of: entries)
        #expect(StrictHistory.fault(of: result) == nil, "seed \(seed)")
        #expect(repair.isClean == (result == entries), "seed \(seed)")
        #expect(repair.isClean == (StrictHistory.fault(of: entries) == nil), "seed \(seed)")
        #expect(Repair(result).isClean, "seed \(seed)")
        let prompts = entries.filter { if case .prompt = $0.content { true } else { false } }
        #expect(result.filter { if case .prompt = $0.content { true } else { false } } == prompts, "no prompt is lost")
    }
}

extension Repair {
    /// The repaired history.
    func result(of entries: [Entry]) -> [Entry] {
        items.map { item in
            switch item {
            case .kept(let index): entries[index]
            case .added(let entry): entry
            }
        }
    }
}

extension Entry {
    /// The entry without the mark of a failed tool.
    fileprivate var withoutFlag: Entry {
        guard case .toolOutput(let output) = content else { return self }
        return Entry(.toolOutput(ToolOutput(callID: output.callID, name: output.name, parts: output.parts)))
    }
}
