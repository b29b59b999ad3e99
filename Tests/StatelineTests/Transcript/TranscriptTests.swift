import Testing

@testable import Stateline

@Suite struct TranscriptTests {
    private static func calls(_ ids: String...) -> Entry {
        Entry(.toolCalls(ids.map { ToolCall(id: $0, name: "tool", arguments: "{}") }))
    }

    private static func output(_ id: String) -> Entry {
        Entry(.toolOutput(ToolOutput(callID: id, name: "tool", text: "done")))
    }

    @Test func `a transcript without calls has none open`() {
        #expect(Transcript().openToolCalls.isEmpty)
        #expect(Transcript([.prompt("a"), .response("b")]).openToolCalls.isEmpty)
    }

    @Test func `calls are open until their outputs are there`() {
        var transcript = Transcript([.prompt("a"), Self.calls("1", "2", "3")])
        #expect(transcript.openToolCalls.map(\.id) == ["1", "2", "3"])
        transcript.append(contentsOf: [Self.output("2")])
        #expect(transcript.openToolCalls.map(\.id) == ["1", "3"])
        transcript.append(contentsOf: [Self.output("3"), Self.output("1")])
        #expect(transcript.openToolCalls.isEmpty)
    }

    @Test func `an output of another call closes none`() {
        let transcript = Transcript([Self.calls("1"), Self.output("2")])
        #expect(transcript.openToolCalls.map(\.id) == ["1"])
    }

    @Test func `only the last step counts`() {
        let answered = Transcript([Self.calls("1"), Self.output("1"), Self.calls("2")])
        #expect(answered.openToolCalls.map(\.id) == ["2"])
        #expect(Transcript([Self.calls("1"), .prompt("never mind")]).openToolCalls.isEmpty)
    }

    @Test func `an id that is used again is open again`() {
        let transcript = Transcript([Self.calls("1"), Self.output("1"), .response("a"), Self.calls("1")])
        #expect(transcript.openToolCalls.map(\.id) == ["1"])
    }

    @Test func `a copy is not changed by what follows`() {
        var transcript = Transcript((0..<100).map { .prompt("\($0)") })
        let copy = transcript
        transcript.append(contentsOf: [.response("more")])
        transcript.truncate(to: 10)
        #expect(copy == Transcript((0..<100).map { .prompt("\($0)") }))
        #expect(transcript.count == 10)
        #expect(transcript != copy)
    }
}
