public import NIOCore
public import Stateline

extension ChatCompletions {
    /// Renders the member `tools`, up to the bracket that ends its array.
    ///
    /// The declaration ends the array of messages and leaves its own open: the closing's first bracket ends whichever
    /// array is open, so that the closing does not depend on the tools.
    public func declaration(of tools: [ToolDefinition]) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(tools, to: &buffer)
        return buffer
    }

    /// Renders the body's last bytes: the model's name and the options of one call.
    ///
    /// A streamed answer is asked to end with its usage. Numbers that JSON cannot hold are left out.
    public func closing(model: String, options: GenerationOptions, isStreamed: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"],"model":"#)
        buffer.writeJSONString(model)
        if isStreamed { buffer.writeStaticString(#","stream":true,"stream_options":{"include_usage":true}"#) }
        write(options, to: &buffer)
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

    private func write(_ options: GenerationOptions, to buffer: inout ByteBuffer) {
        func write(_ name: String, _ value: String?) {
            guard let value else { return }
            buffer.writeString(",\"\(name)\":\(value)")
        }
        func number(_ value: Double?) -> String? {
            value.flatMap { $0.isFinite ? "\($0)" : nil }
        }
        write("temperature", number(options.temperature))
        write(tokenLimitMember.rawValue, options.maximumResponseTokens.map { "\($0)" })
        write("top_p", number(options.topP))
        write("seed", options.seed.map { "\($0)" })
        if !options.stopSequences.isEmpty {
            write("stop", "[\(options.stopSequences.map(JSONText.quoted).joined(separator: ","))]")
        }
    }
}
