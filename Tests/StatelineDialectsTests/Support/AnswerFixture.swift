import Foundation
import NIOCore
import Stateline
import StatelineDialects

/// One answer, in the plain form and in the streamed form that a provider would send it in.
struct AnswerFixture {
    var text = ""
    var reasoning = ""
    var refusal = ""
    var calls: [ToolCall] = []
    var finishReason = "stop"
    /// More members of the message, as JSON without braces.
    var extra: String?
    /// Whether chunks hold nothing but what a parser needs.
    var isTerse = false

    private static let usage = """
        {"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":64},\
        "completion_tokens_details":{"reasoning_tokens":7}}
        """

    static let expectedUsage = Usage(
        input: .init(totalTokenCount: 100, cachedTokenCount: 64),
        output: .init(totalTokenCount: 20, reasoningTokenCount: 7)
    )

    /// A long answer with everything in it, in alphabets of one to four bytes.
    static var everything: AnswerFixture {
        AnswerFixture(
            text: String(repeating: "Grüße, 世界! 👩‍👩‍👧 \"quoted\"\n", count: 4),
            reasoning: "Überlegung: 考え中 🤔",
            calls: [
                ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Zürich","days":2}"#),
                ToolCall(id: "call_2", name: "weather", arguments: #"{"city":"東京" broken"#),
            ],
            finishReason: "tool_calls"
        )
    }

    /// The members of a message; calls as a stream sends them where they have an index.
    private func message(_ fixture: AnswerFixture) -> String {
        var members = [#""role":"assistant""#]
        members.append("\"content\":\(fixture.text.isEmpty ? "null" : JSONText.quoted(fixture.text))")
        if !fixture.reasoning.isEmpty { members.append("\"reasoning_content\":\(JSONText.quoted(fixture.reasoning))") }
        members.append("\"refusal\":\(fixture.refusal.isEmpty ? "null" : JSONText.quoted(fixture.refusal))")
        members.append(#""annotations":[]"#)
        if !fixture.calls.isEmpty {
            members.append("\"tool_calls\":[\(fixture.calls.map(call).joined(separator: ","))]")
        }
        if let extra = fixture.extra { members.append(extra) }
        return "{\(members.joined(separator: ","))}"
    }

    private func call(_ call: ToolCall) -> String {
        """
        {"id":\(JSONText.quoted(call.id)),"type":"function","function":{"name":\(JSONText.quoted(call.name)),\
        "arguments":\(JSONText.quoted(call.arguments))}}
        """
    }

    /// The answer as one object.
    var plain: String {
        """
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
        \(message(self)),"logprobs":null,"finish_reason":"\(finishReason)"}],"usage":\(Self.usage)}
        """
    }

    /// The answer as the chunks of a stream, `size` characters in each.
    func chunks(of size: Int) -> [String] {
        func pieces(_ text: String) -> [String] {
            stride(from: 0, to: text.count, by: size).map { String(text.dropFirst($0).prefix(size)) }
        }
        var deltas = [#"{"role":"assistant","content":"","refusal":null}"#]
        deltas += pieces(reasoning).map { "{\"reasoning_content\":\(JSONText.quoted($0))}" }
        deltas += pieces(text).map { "{\"content\":\(JSONText.quoted($0))}" }
        deltas += pieces(refusal).map { "{\"refusal\":\(JSONText.quoted($0))}" }
        if let extra { deltas.append("{\(extra)}") }
        for (index, call) in calls.enumerated() {
            deltas.append(
                """
                {"tool_calls":[{"index":\(index),"id":\(JSONText.quoted(call.id)),"type":"function",\
                "function":{"name":\(JSONText.quoted(call.name)),"arguments":""}}]}
                """
            )
        }
        // Parallel calls come interleaved.
        let arguments = calls.map { pieces($0.arguments) }
        for round in 0..<(arguments.map(\.count).max() ?? 0) {
            for (index, pieces) in arguments.enumerated() where round < pieces.count {
                let text = JSONText.quoted(pieces[round])
                deltas.append("{\"tool_calls\":[{\"index\":\(index),\"function\":{\"arguments\":\(text)}}]}")
            }
        }
        return deltas.map { choice($0, finishReason: "null") }
            + [choice("{}", finishReason: "\"\(finishReason)\""), "{\"choices\":[],\"usage\":\(Self.usage)}"]
    }

    private func choice(_ delta: String, finishReason: String) -> String {
        if isTerse { return "{\"choices\":[{\"delta\":\(delta),\"finish_reason\":\(finishReason)}]}" }
        return """
            {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":\
            [{"index":0,"delta":\(delta),"logprobs":null,"finish_reason":\(finishReason)}],"usage":null}
            """
    }

    /// The answer as server-sent events.
    func stream(chunkSize: Int = 3, lineEnd: String = "\n") -> String {
        (chunks(of: chunkSize) + ["[DONE]"]).map { "data: \($0)\(lineEnd)\(lineEnd)" }.joined()
    }

    /// The entries that either form gives.
    var expectedEntries: [Entry] {
        var entries: [Entry] = []
        if !reasoning.isEmpty { entries.append(Entry(.reasoning(Reasoning(text: reasoning)))) }
        var parts: [Part] = text.isEmpty ? [] : [.text(text)]
        if !refusal.isEmpty { parts.append(.refusal(refusal)) }
        if !parts.isEmpty || calls.isEmpty { entries.append(Entry(.response(parts))) }
        if !calls.isEmpty { entries.append(Entry(.toolCalls(calls))) }
        return entries
    }
}

/// Parses bytes that come in the given pieces.
func parse(
    _ pieces: [some Sequence<UInt8>],
    isStreamed: Bool,
    profile: ServerProfile = .lenient
) throws(ModelError) -> (answer: Answer, parts: [AnswerPart]) {
    var parser = ChatCompletions(profile: profile).makeParser(isStreamed: isStreamed)
    var parts: [AnswerPart] = []
    for piece in pieces { parts += try parser.append(ByteBuffer(bytes: piece)) }
    return (try parser.finish(), parts)
}

func parse(plain text: String, profile: ServerProfile = .lenient) throws(ModelError) -> Answer {
    try parse([text.utf8], isStreamed: false, profile: profile).answer
}

func parse(stream text: String, profile: ServerProfile = .lenient) throws(ModelError) -> Answer {
    try parse([text.utf8], isStreamed: true, profile: profile).answer
}
