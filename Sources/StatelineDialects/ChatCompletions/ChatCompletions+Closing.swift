public import NIOCore
public import Stateline

extension ChatCompletions {
    /// Renders the member `tools`, up to the bracket that ends its array.
    ///
    /// The declaration ends the array of messages and leaves its own open. The closing's first bracket ends the array
    /// that is open, so that the closing does not depend on the tools.
    public func declaration(of tools: [ToolDefinition]) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(tools, to: &buffer)
        return buffer
    }

    /// Renders the body's last bytes: the model's name and the options of one call.
    ///
    /// A streamed answer is asked to end with its usage if the profile says so. Numbers that JSON cannot hold are left out,
    /// and so are provider members that the dialect writes itself. Without tools the options of tool calls are left out:
    /// providers refuse them.
    public func closing(_ call: CallParameters) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"],"model":"#)
        buffer.writeJSONString(call.model)
        if call.isStreamed {
            buffer.writeStaticString(#","stream":true"#)
            if profile.asksForStreamUsage {
                buffer.writeStaticString(#","stream_options":{"include_usage":true}"#)
            }
        }
        write(call.options, hasTools: !call.tools.isEmpty, to: &buffer)
        buffer.writeStaticString("}")
        return buffer
    }

    private func write(_ tools: [ToolDefinition], to buffer: inout ByteBuffer) {
        guard !tools.isEmpty else { return }
        buffer.writeStaticString(#"],"tools":["#)
        for (index, tool) in tools.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeStaticString(#"{"type":"function","function":{"name":"#)
            buffer.writeJSONString(tool.name)
            buffer.writeStaticString(#","description":"#)
            buffer.writeJSONString(tool.description)
            buffer.writeStaticString(#","parameters":"#)
            buffer.writeString(tool.parameters.json)
            buffer.writeStaticString("}}")
        }
    }

    private func write(_ options: GenerationOptions, hasTools: Bool, to buffer: inout ByteBuffer) {
        var written: Set<String> = []
        func write(_ name: String, _ value: String?) {
            guard let value else { return }
            buffer.writeString(",\"\(name)\":\(value)")
            if !options.providerMembers.isEmpty { written.insert(name) }
        }
        func number(_ value: Double?) -> String? {
            value.flatMap { $0.isFinite ? "\($0)" : nil }
        }
        write("temperature", number(options.temperature))
        write(tokenLimitMember.rawValue, options.maximumResponseTokens.map { "\($0)" })
        write("top_p", number(options.topP))
        write("seed", options.seed.map { "\($0)" })
        if let stops = options.stopSequences, !stops.isEmpty {
            write("stop", "[\(stops.map(JSONText.quoted).joined(separator: ","))]")
        }
        if hasTools {
            write("tool_choice", options.toolChoice.map(Self.toolChoice))
            write("parallel_tool_calls", options.allowsParallelToolCalls.map { "\($0)" })
        }
        write("response_format", options.responseFormat.map(Self.responseFormat))
        write("reasoning_effort", options.reasoningEffort.map { JSONText.quoted($0.rawValue) })
        write("prompt_cache_key", options.promptCacheKey.map(JSONText.quoted))
        guard !options.providerMembers.isEmpty else { return }
        for (name, value) in options.providerMembers.sorted(by: { $0.key < $1.key })
        where !Self.ownMembers.contains(name) && !written.contains(name) {
            buffer.writeString(",\(JSONText.quoted(name)):\(value.text)")
        }
    }

    /// The members that the dialect always writes itself.
    private static let ownMembers: Set<String> = ["messages", "tools", "model", "stream", "stream_options"]

    private static func responseFormat(_ format: ResponseFormat) -> String {
        switch format {
        case .text: return #"{"type":"text"}"#
        case .jsonObject: return #"{"type":"json_object"}"#
        case .jsonSchema(let format):
            let description = format.description.map { ",\"description\":\(JSONText.quoted($0))" } ?? ""
            let strict = format.isStrict.map { ",\"strict\":\($0)" } ?? ""
            let name = JSONText.quoted(format.name)
            let members = "\"name\":\(name)\(description),\"schema\":\(format.schema.json)\(strict)"
            return "{\"type\":\"json_schema\",\"json_schema\":{\(members)}}"
        }
    }

    private static func toolChoice(_ choice: ToolChoice) -> String {
        switch choice {
        case .automatic: #""auto""#
        case .noTool: #""none""#
        case .required: #""required""#
        case .tool(let name): #"{"type":"function","function":{"name":\#(JSONText.quoted(name))}}"#
        }
    }
}
