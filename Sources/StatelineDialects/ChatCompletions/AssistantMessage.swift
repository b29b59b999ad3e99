internal import NIOCore
internal import Stateline

/// One message of the role `assistant`: an answer, and the tool calls that came with it.
struct AssistantMessage {
    /// The answer's texts and refusals; none if there are only calls.
    let parts: [Part]
    /// The calls.
    let calls: [ToolCall]
    /// The members of the message that the typed view does not hold.
    var extras = ExtraMembers()
    /// The same for each call, by its place; empty, or one for each call.
    var callExtras: [CallExtras] = []

    /// The members of a tool call that the typed view does not hold.
    struct CallExtras {
        /// Members of the call.
        var call = ExtraMembers()
        /// Members of its function.
        var function = ExtraMembers()

        /// `true` if there are none.
        var isEmpty: Bool { call.isEmpty && function.isEmpty }
    }

    /// `true` if the typed view holds all of the message.
    var isPlain: Bool { extras.isEmpty && callExtras.allSatisfy(\.isEmpty) }

    /// Appends the message.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"role":"assistant","content":"#)
        let texts = parts.filter { if case .text = $0 { true } else { false } }
        let refusals = parts.compactMap { if case .refusal(let text) = $0 { text } else { nil } }
        if texts.isEmpty && !(calls.isEmpty && refusals.isEmpty) {
            buffer.writeStaticString("null")
        } else {
            ChatCompletions.write(content: texts, to: &buffer)
        }
        if !refusals.isEmpty {
            buffer.writeStaticString(#","refusal":"#)
            buffer.writeJSONString(refusals.joined())
        }
        writeCalls(to: &buffer)
        extras.write(to: &buffer)
        buffer.writeStaticString("}")
    }

    private func writeCalls(to buffer: inout ByteBuffer) {
        guard !calls.isEmpty else { return }
        buffer.writeStaticString(#","tool_calls":["#)
        for (index, call) in calls.enumerated() {
            let extras = callExtras.isEmpty ? CallExtras() : callExtras[index]
            buffer.writeStaticString(index > 0 ? #",{"id":"# : #"{"id":"#)
            buffer.writeJSONString(call.id)
            buffer.writeStaticString(#","type":"function","function":{"name":"#)
            buffer.writeJSONString(call.name)
            buffer.writeStaticString(#","arguments":"#)
            buffer.writeJSONString(call.arguments)
            extras.function.write(to: &buffer)
            buffer.writeStaticString("}")
            extras.call.write(to: &buffer)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]")
    }
}
