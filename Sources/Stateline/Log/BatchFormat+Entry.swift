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
    private static let errorFlag: UInt8 = 1
    private static let denialFlag: UInt8 = 2

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
            buffer.writeInteger((output.isError ? errorFlag : 0) | (output.denial == nil ? 0 : denialFlag))
            buffer.writeText(output.callID)
            buffer.writeText(output.name)
            if let denial = output.denial { write(denial, to: &buffer) }
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
        let flags = try buffer.readFlags(errorFlag | denialFlag, "tool output's flags")
        let callID = try buffer.readText("tool call's id")
        let name = try buffer.readText("tool's name")
        let denial = flags & denialFlag == 0 ? nil : try readDenial(from: &buffer)
        let parts = try readParts(from: &buffer)
        return ToolOutput(callID: callID, name: name, parts: parts, isError: flags & errorFlag != 0, denial: denial)
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

extension BatchFormat {
    private static func write(_ denial: Denial, to buffer: inout ByteBuffer) {
        let missing = denial.missing.prefix(Denial.maximumPermissionCount)
        buffer.writeText(denial.principal?.rawValue ?? "", limit: Principal.maximumStoredLength)
        buffer.writeCount(missing.count)
        for permission in missing { buffer.writeText(permission.rawValue, limit: Permission.maximumStoredLength) }
    }

    private static func readDenial(from buffer: inout ByteBuffer) throws(FormatError) -> Denial {
        let principal = try buffer.readText("denial's principal", limit: Principal.maximumStoredLength)
        let count = try buffer.readCount("number of missing permissions")
        guard count <= Denial.maximumPermissionCount else { throw .invalid("number of missing permissions") }
        var missing: [Permission] = []
        for _ in 0..<count {
            missing.append(Permission(try buffer.readText("permission", limit: Permission.maximumStoredLength)))
        }
        return Denial(principal: principal.isEmpty ? nil : Principal(principal), missing: missing)
    }
}
