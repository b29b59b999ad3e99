#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
public import NIOCore
public import Stateline

extension ChatCompletions {
    /// Appends the messages of some entries.
    ///
    /// A response and the tool calls right after it are one message. Reasoning is not sent back. A compaction has the
    /// user's role: a summary repeats users and tools, and must not gain the weight of instructions. An entry with
    /// `ProviderBytes` of this dialect is sent in these bytes.
    ///
    /// - Complexity: O(*n*) in the size of the entries.
    public func render(
        _ entries: ArraySlice<Entry>,
        after previous: Transcript.SubSequence,
        into buffer: inout ByteBuffer
    ) {
        var isFirst = !previous.reversed().contains { $0.isMessage }
        var rest = entries
        while let entry = rest.popFirst() {
            guard entry.isMessage else { continue }
            if !isFirst { buffer.writeStaticString(",") }
            isFirst = false
            let calls = Self.popCalls(answeredWith: entry, from: &rest)
            if let provided = entry.providerBytes, provided.dialect == Self.name {
                buffer.writeImmutableBuffer(provided.bytes)
            } else {
                write(entry, calls: calls, to: &buffer)
            }
        }
    }

    /// Takes the tool calls that belong to the message of a response.
    private static func popCalls(answeredWith entry: Entry, from rest: inout ArraySlice<Entry>) -> [ToolCall] {
        guard case .response = entry.content, case .toolCalls(let calls) = rest.first?.content else { return [] }
        rest.removeFirst()
        return calls
    }

    private func write(_ entry: Entry, calls: [ToolCall], to buffer: inout ByteBuffer) {
        switch entry.content {
        case .instructions(let parts): Self.write(role: instructionsRole.rawValue, parts, to: &buffer)
        case .prompt(let parts), .compaction(let parts): Self.write(role: "user", parts, to: &buffer)
        case .response(let parts): AssistantMessage(parts: parts, calls: calls).write(to: &buffer)
        case .toolCalls(let calls): AssistantMessage(parts: [], calls: calls).write(to: &buffer)
        case .toolOutput(let output): Self.write(output, to: &buffer)
        case .reasoning: break
        }
    }

    private static func write(role: String, _ parts: [Part], to buffer: inout ByteBuffer) {
        buffer.writeString(#"{"role":"\#(role)","content":"#)
        write(content: parts, to: &buffer)
        buffer.writeStaticString("}")
    }

    private static func write(_ output: ToolOutput, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"role":"tool","tool_call_id":"#)
        buffer.writeJSONString(output.callID)
        if !output.name.isEmpty {
            buffer.writeStaticString(#","name":"#)
            buffer.writeJSONString(output.name)
        }
        buffer.writeStaticString(#","content":"#)
        write(content: output.parts, to: &buffer)
        buffer.writeStaticString("}")
    }

    /// Writes a single text as a string, anything else as a list of parts.
    ///
    /// JSON is text to the model.
    static func write(content parts: [Part], to buffer: inout ByteBuffer) {
        if parts.isEmpty { return buffer.writeJSONString("") }
        if parts.count == 1 {
            switch parts[0] {
            case .text(let text), .json(let text): return buffer.writeJSONString(text)
            case .refusal, .image, .file: break
            }
        }
        buffer.writeStaticString("[")
        for (index, part) in parts.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            write(part, to: &buffer)
        }
        buffer.writeStaticString("]")
    }

    private static func write(_ part: Part, to buffer: inout ByteBuffer) {
        switch part {
        case .text(let text), .json(let text): write(type: "text", text, to: &buffer)
        case .refusal(let text): write(type: "refusal", text, to: &buffer)
        case .image(let media): write(image: media, to: &buffer)
        case .file(let media): write(file: media, to: &buffer)
        }
    }

    private static func write(type: String, _ text: String, to buffer: inout ByteBuffer) {
        buffer.writeString(#"{"type":"\#(type)","\#(type)":"#)
        buffer.writeJSONString(text)
        buffer.writeStaticString("}")
    }

    private static func write(image media: Media, to buffer: inout ByteBuffer) {
        if case .providerFile = media.source { return write(file: media, to: &buffer) }
        buffer.writeStaticString(#"{"type":"image_url","image_url":{"url":"#)
        write(url: media, to: &buffer)
        buffer.writeStaticString("}}")
    }

    private static func write(file media: Media, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"type":"file","file":{"#)
        if let name = media.name {
            buffer.writeStaticString(#""filename":"#)
            buffer.writeJSONString(name)
            buffer.writeStaticString(",")
        }
        if case .providerFile(let id) = media.source {
            buffer.writeStaticString(#""file_id":"#)
            buffer.writeJSONString(id)
        } else {
            buffer.writeStaticString(#""file_data":"#)
            write(url: media, to: &buffer)
        }
        buffer.writeStaticString("}}")
    }

    /// Writes the content's URL, or a `data:` URL that holds the content.
    private static func write(url media: Media, to buffer: inout ByteBuffer) {
        switch media.source {
        case .url(let text), .providerFile(let text):
            buffer.writeJSONString(text)
        case .data(let content):
            buffer.writeStaticString("\"data:")
            buffer.writeJSONStringContent(media.mediaType ?? "application/octet-stream")
            buffer.writeStaticString(";base64,")
            buffer.writeString(Data(content.readableBytesView).base64EncodedString())
            buffer.writeStaticString("\"")
        }
    }
}

extension ChatCompletions {
    /// Lists the parts of an entry that the format cannot express: reasoning, the flag of a failed tool, and the bytes of
    /// another dialect.
    public func losses(of entry: Entry) -> [Loss] {
        if entry.providerBytes?.dialect == Self.name { return [] }
        var losses: [Loss] = []
        switch entry.content {
        case .reasoning: losses.append(.reasoning)
        case .toolOutput(let output): if output.isError { losses.append(.toolFailure) }
        case .instructions, .prompt, .toolCalls, .response, .compaction: break
        }
        if entry.providerBytes != nil { losses.append(.providerBytes) }
        return losses
    }
}

extension Entry {
    /// `true` if the entry is a message, or a part of one: all are but reasoning.
    fileprivate var isMessage: Bool { if case .reasoning = content { false } else { true } }
}
