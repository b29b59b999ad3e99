internal import NIOCore

extension BatchFormat {
    private enum EntryKind: UInt8 {
        case instructions = 1
        case prompt = 2
        case reasoning = 3
        case toolCalls = 4
        case toolOutput = 5
        case response = 6
        case compaction = 7
    }

    private static let providerBytesFlag: UInt8 = 0x80
    private static let extensionsFlag: UInt8 = 0x40

    /// Writes an entry after its length.
    ///
    /// - Complexity: O(*n*) in the size of the entry.
    static func write(_ entry: Entry, to buffer: inout ByteBuffer) {
        buffer.writeSized(.four) { buffer in
            var flags = entry.providerBytes == nil ? 0 : providerBytesFlag
            if !entry.extensions.isEmpty { flags |= extensionsFlag }
            buffer.writeInteger(kind(of: entry).rawValue | flags)
            if !entry.extensions.isEmpty {
                buffer.writeSized(.one) { $0.writeExtensions(entry.extensions) }
            }
            if let provider = entry.providerBytes {
                buffer.writeText(provider.dialect)
                buffer.writeBytes(sized: provider.bytes)
            }
            write(entry.content, to: &buffer)
        }
    }

    /// Reads an entry after its length.
    ///
    /// - Complexity: O(*n*) in the size of its texts; other bytes are not copied.
    static func readEntry(from buffer: inout ByteBuffer) throws(FormatError) -> Entry {
        var slice = try buffer.readSized("entry")
        let first = try slice.read(UInt8.self, "entry's kind")
        let number = first & ~(providerBytesFlag | extensionsFlag)
        guard let kind = EntryKind(rawValue: number) else { throw .unsupported("entry's kind \(number)") }
        var extensions: [FormatExtension] = []
        if first & extensionsFlag != 0 {
            var fields = try slice.readSized("entry's extensions")
            guard fields.readableBytes > 0 else { throw .invalid("entry's extensions") }
            extensions = try fields.readExtensions("field of an entry")
        }
        var provider: ProviderBytes?
        if first & providerBytesFlag != 0 {
            provider = ProviderBytes(
                dialect: try slice.readText("provider bytes' dialect"),
                bytes: try slice.readSized("provider bytes")
            )
        }
        let entry = Entry(try readContent(kind, from: &slice), providerBytes: provider, extensions: extensions)
        try slice.expectEnd(of: "entry")
        return entry
    }

    private static func kind(of entry: Entry) -> EntryKind {
        switch entry.content {
        case .instructions: .instructions
        case .prompt: .prompt
        case .reasoning: .reasoning
        case .toolCalls: .toolCalls
        case .toolOutput: .toolOutput
        case .response: .response
        case .compaction: .compaction
        }
    }

    private static func write(_ content: Entry.Content, to buffer: inout ByteBuffer) {
        switch content {
        case .instructions(let parts), .prompt(let parts), .response(let parts), .compaction(let parts):
            for part in parts { write(part, to: &buffer) }
        case .reasoning(let reasoning):
            buffer.writeInteger(reasoning.signature == nil ? 0 : 1 as UInt8)
            buffer.writeText(reasoning.text)
            if let signature = reasoning.signature { buffer.writeBytes(sized: signature) }
        case .toolCalls(let calls):
            for call in calls {
                buffer.writeText(call.id)
                buffer.writeText(call.name)
                buffer.writeText(call.arguments)
            }
        case .toolOutput(let output):
            buffer.writeInteger(output.isError ? 1 : 0 as UInt8)
            buffer.writeText(output.callID)
            buffer.writeText(output.name)
            for part in output.parts { write(part, to: &buffer) }
        }
    }

    private static func readContent(
        _ kind: EntryKind,
        from buffer: inout ByteBuffer
    ) throws(FormatError) -> Entry.Content {
        switch kind {
        case .instructions: .instructions(try readParts(from: &buffer))
        case .prompt: .prompt(try readParts(from: &buffer))
        case .response: .response(try readParts(from: &buffer))
        case .compaction: .compaction(try readParts(from: &buffer))
        case .reasoning: .reasoning(try readReasoning(from: &buffer))
        case .toolCalls: .toolCalls(try buffer.readAll(readToolCall))
        case .toolOutput: .toolOutput(try readToolOutput(from: &buffer))
        }
    }

    private static func readReasoning(from buffer: inout ByteBuffer) throws(FormatError) -> Reasoning {
        let flags = try buffer.readFlags(1, "reasoning's flags")
        return Reasoning(
            text: try buffer.readText("reasoning"),
            signature: flags == 0 ? nil : try buffer.readSized("signature")
        )
    }

    private static func readToolCall(from buffer: inout ByteBuffer) throws(FormatError) -> ToolCall {
        ToolCall(
            id: try buffer.readText("tool call's id"),
            name: try buffer.readText("tool's name"),
            arguments: try buffer.readText("arguments")
        )
    }

    private static func readToolOutput(from buffer: inout ByteBuffer) throws(FormatError) -> ToolOutput {
        let flags = try buffer.readFlags(1, "tool output's flags")
        return ToolOutput(
            callID: try buffer.readText("tool call's id"),
            name: try buffer.readText("tool's name"),
            parts: try readParts(from: &buffer),
            isError: flags != 0
        )
    }
}

extension Entry {
    /// An estimate of the size of the stored form, in bytes; not less than the size for usual entries.
    var storedSizeEstimate: Int {
        let header = 32
        let content =
            switch content {
            case .instructions(let parts), .prompt(let parts), .response(let parts), .compaction(let parts):
                parts.storedSizeEstimate
            case .reasoning(let reasoning):
                reasoning.text.utf8.count + (reasoning.signature?.readableBytes ?? 0)
            case .toolCalls(let calls):
                calls.reduce(0) { $0 + header + $1.id.utf8.count + $1.name.utf8.count + $1.arguments.utf8.count }
            case .toolOutput(let output):
                header + output.callID.utf8.count + output.name.utf8.count + output.parts.storedSizeEstimate
            }
        return header + content + (providerBytes.map { header + $0.bytes.readableBytes } ?? 0)
            + extensions.reduce(0) { $0 + header + $1.bytes.readableBytes }
    }
}

extension [Part] {
    fileprivate var storedSizeEstimate: Int {
        let header = 16
        return reduce(0) { sum, part in
            switch part {
            case .text(let text), .refusal(let text), .json(let text): sum + header + text.utf8.count
            case .image(let media), .file(let media):
                switch media.source {
                case .url(let text), .providerFile(let text): sum + 4 * header + text.utf8.count
                case .data(let bytes): sum + 4 * header + bytes.readableBytes
                }
            }
        }
    }
}
