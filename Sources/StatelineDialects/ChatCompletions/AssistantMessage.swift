internal import NIOCore
internal import Stateline

/// One message of the role `assistant`: an answer, and the tool calls that came with it.
struct AssistantMessage {
    /// The answer's texts and refusals; none if there are only calls.
    var parts: [Part] = []
    /// The calls.
    var calls: [ToolCall] = []
    /// The ids of the calls in this history.
    var callIDs: [ToolCall.ID] = []
    /// The model's thought before the message.
    var reasoning = ""
    /// The members that the typed view does not hold.
    var extras: Extras?

    /// Appends the message.
    func write(to buffer: inout ByteBuffer, profile: ServerProfile) {
        buffer.writeStaticString(#"{"role":"assistant","content":"#)
        writeContent(to: &buffer, profile: profile)
        let refusals = parts.compactMap { if case .refusal(let text) = $0 { text } else { nil } }
        if !refusals.isEmpty {
            buffer.writeStaticString(#","refusal":"#)
            buffer.writeJSONString(refusals.joined())
        }
        let reasoningMember = writeReasoning(to: &buffer, profile: profile)
        writeCalls(to: &buffer)
        extras?.writeMembers(to: &buffer, except: reasoningMember)
        buffer.writeStaticString("}")
    }

    private func writeContent(to buffer: inout ByteBuffer, profile: ServerProfile) {
        if let content = extras?.content {
            buffer.writeImmutableBuffer(content.bytes)
            return
        }
        let texts = parts.filter { if case .text = $0 { true } else { false } }
        if texts.isEmpty, !parts.isEmpty || !calls.isEmpty, profile.contentBesideCalls == .null {
            buffer.writeStaticString("null")
        } else {
            ChatCompletions.write(content: texts, to: &buffer)
        }
    }

    /// Appends the reasoning, if the profile sends it, and returns the name of its member.
    private func writeReasoning(to buffer: inout ByteBuffer, profile: ServerProfile) -> String? {
        switch profile.returnedReasoning {
        case .never: return nil
        case .withToolCalls: guard !calls.isEmpty else { return nil }
        case .always: guard !reasoning.isEmpty else { return nil }
        }
        buffer.writeString(",\"\(profile.reasoningMember.rawValue)\":")
        buffer.writeJSONString(reasoning)
        return profile.reasoningMember.rawValue
    }

    private func writeCalls(to buffer: inout ByteBuffer) {
        guard !calls.isEmpty else { return }
        buffer.writeStaticString(#","tool_calls":["#)
        for (index, call) in calls.enumerated() {
            let extras = extras?.calls.dropFirst(index).first
            buffer.writeStaticString(index > 0 ? #",{"id":"# : #"{"id":"#)
            buffer.writeJSONString(callIDs[index])
            buffer.writeStaticString(#","type":"#)
            if let type = extras?["type"] {
                buffer.writeImmutableBuffer(type.bytes)
            } else {
                buffer.writeStaticString(#""function""#)
            }
            buffer.writeStaticString(#","function":{"name":"#)
            buffer.writeJSONString(call.name)
            buffer.writeStaticString(#","arguments":"#)
            buffer.writeJSONString(call.arguments)
            Self.write(extras?["function"]?.members ?? [], to: &buffer)
            buffer.writeStaticString("}")
            Self.write(extras?.members ?? [], except: ["type", "function"], to: &buffer)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]")
    }

    /// Appends members to an object that has some already.
    private static func write(
        _ members: [(name: String, value: JSONFragment)],
        except others: Set<String> = [],
        to buffer: inout ByteBuffer
    ) {
        for (name, value) in members where !others.contains(name) {
            buffer.writeStaticString(",")
            buffer.writeJSONString(name)
            buffer.writeStaticString(":")
            buffer.writeImmutableBuffer(value.bytes)
        }
    }
}

extension AssistantMessage {
    /// The members of a message that the typed view does not hold, as they are stored beside its first entry.
    ///
    /// They are one object with the members of the message in their own names. `content` is there if its list holds a part
    /// of an unknown type. `tool_calls` has an object for each call, with the members that its typed view does not hold,
    /// and with those of its function in `function`.
    struct Extras {
        /// The list in place of the typed content.
        let content: JSONFragment?
        /// The object of each call; empty, or one for each.
        let calls: [JSONFragment]
        private let members: [(name: String, value: JSONFragment)]

        /// Reads stored members; `nil` if there are none of this dialect.
        init?(_ provided: ProviderBytes?) {
            guard let provided, provided.dialect == ChatCompletions.name,
                let members = (try? JSONFragment(validating: provided.bytes))?.members
            else { return nil }
            self.members = members
            self.content = members.value(of: "content")
            self.calls = members.value(of: "tool_calls")?.elements ?? []
        }

        /// Appends the members to a message that is not closed yet, except one that it has.
        fileprivate func writeMembers(to buffer: inout ByteBuffer, except name: String?) {
            let written = Set(["content", "tool_calls"] + (name.map { [$0] } ?? []))
            AssistantMessage.write(members, except: written, to: &buffer)
        }
    }

    /// The members of a tool call that the typed view does not hold, while an answer is read.
    struct CallExtras: Sendable {
        private var type: ByteBuffer?
        private var call = ExtraMembers()
        private var function = ExtraMembers()

        /// `true` if there are none.
        var isEmpty: Bool { type == nil && call.isEmpty && function.isEmpty }

        /// Adds those of a delta.
        mutating func add(_ reading: ToolCallReading) {
            if let value = reading.type { type = value.bytes }
            for (name, value) in reading.extras { call.add(name, value) }
            for (name, value) in reading.functionExtras { function.add(name, value) }
        }

        /// Appends them as an object.
        func write(to buffer: inout ByteBuffer) {
            buffer.writeStaticString("{")
            var isFirst = true
            if let type {
                buffer.writeStaticString(#""type":"#)
                buffer.writeImmutableBuffer(type)
                isFirst = false
            }
            call.write(to: &buffer, isFirst: &isFirst)
            if !function.isEmpty {
                buffer.writeStaticString(isFirst ? #""function":{"# : #","function":{"#)
                var isFirst = true
                function.write(to: &buffer, isFirst: &isFirst)
                buffer.writeStaticString("}")
            }
            buffer.writeStaticString("}")
        }
    }
}
