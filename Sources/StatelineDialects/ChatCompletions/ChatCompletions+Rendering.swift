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
    /// A response and the tool calls right after it are one message. Reasoning is not sent back. A compaction speaks as
    /// the user: a summary holds what users and tools said, and must not gain the weight of instructions. An entry with
    /// `ProviderBytes` of this dialect is sent in these bytes.
    ///
    /// - Complexity: O(*n*) in the size of the entries.
    public func render(_ entries: ArraySlice<Entry>, isFirst: Bool, into buffer: inout ByteBuffer) {
        var isFirst = isFirst
        var rest = entries
        while let entry = rest.popFirst() {
            if case .reasoning = entry.content { continue }
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

    /// Takes the tool calls that belong into the same message as a response.
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
    static func write(content parts: [Part], to buffer: inout ByteBuffer) {
        if parts.isEmpty { return buffer.writeJSONString("") }
        if parts.count == 1, case .text(let text) = parts[0] { return buffer.writeJSONString(text) }
        buffer.writeStaticString("[")
        for (index, part) in parts.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            write(part, to: &buffer)
        }
        buffer.writeStaticString("]")
    }

    private static func write(_ part: Part, to buffer: inout ByteBuffer) {
        switch part {
        case .text(let text): write(type: "text", text, to: &buffer)
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

    /// Writes where the content is: a URL, or a `data:` URL that holds it.
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
