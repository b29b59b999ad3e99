internal import NIOCore
internal import Stateline

/// The facts of a request that its answer repeats.
struct AnswerFrame {
    /// The answer's id.
    var id: String
    /// The model that was asked for.
    var model: String
    /// Tokens of the prompt.
    var promptTokens: Int
    /// Tokens of the prompt that the previous request had too.
    var cachedTokens: Int
}

extension UpstreamAnswer {
    /// Returns the body of a plain answer.
    ///
    /// Source: https://platform.openai.com/docs/api-reference/chat/object
    func body(_ frame: AnswerFrame) -> ByteBuffer {
        var message = "{\"role\":\"assistant\",\"content\":"
        message +=
            content.isEmpty && !(calls.isEmpty && refusal.isEmpty) ? "null" : JSONText.quoted(content.joined())
        message += ",\"refusal\":" + (refusal.isEmpty ? "null" : JSONText.quoted(refusal.joined()))
        if !reasoning.isEmpty { message += ",\"reasoning_content\":" + JSONText.quoted(reasoning.joined()) }
        if !calls.isEmpty {
            message += ",\"tool_calls\":[\(calls.map { Self.json(of: $0, index: nil) }.joined(separator: ","))]"
        }
        message += "}"
        return ByteBuffer(
            string: Self.opening(frame, object: "chat.completion")
                + "\"choices\":[{\"index\":0,\"message\":\(message),\"logprobs\":null,"
                + "\"finish_reason\":\"\(finishReason)\"}],\"usage\":\(usage(frame))}"
        )
    }

    /// Returns the events of a streamed answer: one for each word, one for each tool call, and those around them.
    ///
    /// Source: https://platform.openai.com/docs/api-reference/chat/streaming
    func events(_ frame: AnswerFrame, includesUsage: Bool) -> [ByteBuffer] {
        let opening = "data: " + Self.opening(frame, object: "chat.completion.chunk") + "\"choices\":["
        let usageMember = includesUsage ? ",\"usage\":null" : ""
        func event(delta: String, finishReason: String? = nil) -> ByteBuffer {
            let reason = finishReason.map(JSONText.quoted) ?? "null"
            return ByteBuffer(
                string: "\(opening){\"index\":0,\"delta\":{\(delta)},\"logprobs\":null,\"finish_reason\":\(reason)}]"
                    + "\(usageMember)}\n\n"
            )
        }
        var events = [event(delta: "\"role\":\"assistant\",\"content\":\(calls.isEmpty ? "\"\"" : "null")")]
        for word in reasoning { events.append(event(delta: "\"reasoning_content\":\(JSONText.quoted(word))")) }
        for word in refusal { events.append(event(delta: "\"refusal\":\(JSONText.quoted(word))")) }
        for word in content { events.append(event(delta: "\"content\":\(JSONText.quoted(word))")) }
        for (index, call) in calls.enumerated() {
            events.append(event(delta: "\"tool_calls\":[\(Self.json(of: call, index: index))]"))
        }
        events.append(event(delta: "", finishReason: finishReason))
        if includesUsage { events.append(ByteBuffer(string: "\(opening)],\"usage\":\(usage(frame))}\n\n")) }
        events.append(ByteBuffer(string: "data: [DONE]\n\n"))
        return events
    }

    /// Returns the first members of an answer.
    ///
    /// The time is a constant, so that the same request gets the same bytes.
    private static func opening(_ frame: AnswerFrame, object: String) -> String {
        "{\"id\":\(JSONText.quoted(frame.id)),\"object\":\"\(object)\",\"created\":0,"
            + "\"model\":\(JSONText.quoted(frame.model)),"
    }

    private static func json(of call: Call, index: Int?) -> String {
        let member = index.map { "\"index\":\($0)," } ?? ""
        return "{\(member)\"id\":\(JSONText.quoted(call.id)),\"type\":\"function\",\"function\":{"
            + "\"name\":\(JSONText.quoted(call.name)),\"arguments\":\(JSONText.quoted(call.arguments))}}"
    }

    private func usage(_ frame: AnswerFrame) -> String {
        "{\"prompt_tokens\":\(frame.promptTokens),\"completion_tokens\":\(tokens),"
            + "\"total_tokens\":\(frame.promptTokens + tokens),"
            + "\"prompt_tokens_details\":{\"cached_tokens\":\(frame.cachedTokens)},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":\(reasoningTokens)}}"
    }
}

extension UpstreamFailure {
    /// The body of an error's answer.
    var body: ByteBuffer {
        ByteBuffer(
            string: "{\"error\":{\"message\":\(JSONText.quoted(message)),\"type\":\"\(type)\","
                + "\"param\":null,\"code\":\(code.map(JSONText.quoted) ?? "null")}}"
        )
    }
}
