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
    /// Reasoning, a response and the tool calls right after it are one message. The profile decides on reasoning and on
    /// members of the answer that the entries do not hold. A compaction has the user's role: a summary repeats users and
    /// tools, and must not gain the weight of instructions. A message of another role that was imported with more than
    /// its entry holds is sent in its own bytes.
    ///
    /// An id of a tool call that an earlier answer has used is made unique, in the call and in its output.
    ///
    /// - Complexity: O(*n*) in the size of the entries; O(1) more for each round of tools whose ids are counted.
    public func render(
        _ entries: ArraySlice<Entry>,
        after previous: Transcript.SubSequence,
        into buffer: inout ByteBuffer
    ) {
        var isFirst = !previous.reversed().contains { $0.isMessage }
        var ids = CallIDs(of: entries, after: previous, form: profile.callIDs)
        var reasoning = ""
        var index = entries.startIndex
        while index < entries.endIndex {
            let entry = entries[index]
            let offset = index - entries.startIndex
            index += 1
            if case .reasoning(let thought) = entry.content {
                reasoning += thought.text
                continue
            }
            if !isFirst { buffer.writeStaticString(",") }
            isFirst = false
            var message = AssistantMessage(reasoning: reasoning)
            reasoning = ""
            switch entry.content {
            case .response(let parts):
                message.parts = parts
                guard index < entries.endIndex, case .toolCalls(let calls) = entries[index].content else { break }
                message.calls = calls
                message.callIDs = ids.ids(of: calls, at: offset + 1)
                index += 1
            case .toolCalls(let calls):
                message.calls = calls
                message.callIDs = ids.ids(of: calls, at: offset)
            case .toolOutput(let output):
                write(entry, callID: ids.id(of: output, at: offset), to: &buffer)
                continue
            case .instructions, .prompt, .compaction, .reasoning:
                write(entry, to: &buffer)
                continue
            }
            if profile.returnsUnknownMembers { message.extras = AssistantMessage.Extras(entry.providerBytes) }
            message.write(to: &buffer, profile: profile)
        }
    }

    /// Writes an entry that the model did not make.
    private func write(_ entry: Entry, callID: ToolCall.ID = "", to buffer: inout ByteBuffer) {
        if let provided = entry.providerBytes, provided.dialect == Self.name, profile.returnsUnknownMembers,
            entry.hasCallID(callID)
        {
            buffer.writeImmutableBuffer(provided.bytes)
            return
        }
        switch entry.content {
        case .instructions(let parts): Self.write(role: profile.instructionsRole.rawValue, parts, to: &buffer)
        case .prompt(let parts), .compaction(let parts): Self.write(role: "user", parts, to: &buffer)
        case .toolOutput(let output): Self.write(output, callID: callID, to: &buffer)
        case .response, .toolCalls, .reasoning: break
        }
    }

    private static func write(role: String, _ parts: [Part], to buffer: inout ByteBuffer) {
        buffer.writeString(#"{"role":"\#(role)","content":"#)
        write(content: parts, to: &buffer)
        buffer.writeStaticString("}")
    }

    private static func write(_ output: ToolOutput, callID: ToolCall.ID, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"role":"tool","tool_call_id":"#)
        buffer.writeJSONString(callID)
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
    /// Lists the parts of an entry that the format cannot express, or that the profile does not send: reasoning, the flag
    /// of a failed tool, and the bytes of another dialect.
    public func losses(of entry: Entry) -> [Loss] {
        let isOwn = entry.providerBytes?.dialect == Self.name && profile.returnsUnknownMembers
        var losses: [Loss] = []
        switch entry.content {
        case .reasoning: if profile.returnedReasoning == .never { losses.append(.reasoning) }
        case .toolOutput(let output): if output.isError, !isOwn { losses.append(.toolFailure) }
        case .instructions, .prompt, .toolCalls, .response, .compaction: break
        }
        if entry.providerBytes != nil, !isOwn { losses.append(.providerBytes) }
        return losses
    }
}

extension Entry {
    /// `true` if the entry is a message, or a part of one: all are but reasoning.
    fileprivate var isMessage: Bool { if case .reasoning = content { false } else { true } }

    /// `true` if the entry is no tool's output, or names its call so.
    fileprivate func hasCallID(_ id: ToolCall.ID) -> Bool {
        if case .toolOutput(let output) = content { output.callID == id } else { true }
    }
}
