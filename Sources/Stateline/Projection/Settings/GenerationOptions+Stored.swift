internal import NIOCore

/// The stored form of options: fields of ascending tags, each with its length; see ``BatchFormat``.
extension GenerationOptions {
    private enum Field: UInt8 {
        case temperature = 1
        case maximumResponseTokens = 2
        case topP = 3
        case seed = 4
        case stopSequences = 5
        case toolChoice = 6
        case allowsParallelToolCalls = 7
        case responseFormat = 8
        case reasoningEffort = 9
        case promptCacheKey = 10
        case providerMembers = 11
    }

    /// The stored form, without headers: these may hold secrets.
    ///
    /// - Complexity: O(*n*) in the size of the options.
    var stored: ByteBuffer {
        var buffer = ByteBuffer()
        func write<Value>(_ field: Field, _ value: Value?, _ body: (Value, inout ByteBuffer) -> Void) {
            guard let value else { return }
            var bytes = ByteBuffer()
            body(value, &bytes)
            buffer.writeInteger(field.rawValue)
            buffer.writeBytes(sized: bytes)
        }
        write(.temperature, temperature) { $1.writeInteger($0.bitPattern) }
        write(.maximumResponseTokens, maximumResponseTokens) { $1.writeCount($0) }
        write(.topP, topP) { $1.writeInteger($0.bitPattern) }
        write(.seed, seed) { $1.writeInteger(Int64($0)) }
        write(.stopSequences, stopSequences) { for text in $0 { $1.writeText(text) } }
        write(.toolChoice, toolChoice) { $0.write(to: &$1) }
        write(.allowsParallelToolCalls, allowsParallelToolCalls) { $1.writeInteger(UInt8($0 ? 1 : 0)) }
        write(.responseFormat, responseFormat) { $0.write(to: &$1) }
        write(.reasoningEffort, reasoningEffort) { $1.writeText($0.rawValue) }
        write(.promptCacheKey, promptCacheKey) { $1.writeText($0) }
        write(.providerMembers, providerMembers.isEmpty ? nil : providerMembers) { members, buffer in
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                buffer.writeText(name)
                buffer.writeText(value.text)
            }
        }
        return buffer
    }

    /// Reads options.
    ///
    /// - Throws: ``FormatError``, also for a field or a value that this version does not know.
    init(stored bytes: ByteBuffer) throws(FormatError) {
        self.init()
        var buffer = bytes
        for (tag, bytes) in try buffer.readFields("option") {
            var bytes = bytes
            guard let field = Field(rawValue: tag) else {
                guard tag >= FormatExtension.firstTag else { throw .unsupported("option \(tag)") }
                continue
            }
            try read(field, from: &bytes)
            try bytes.expectEnd(of: "option")
        }
    }

    private mutating func read(_ field: Field, from bytes: inout ByteBuffer) throws(FormatError) {
        switch field {
        case .temperature: temperature = Double(bitPattern: try bytes.read(UInt64.self, "temperature"))
        case .maximumResponseTokens: maximumResponseTokens = try bytes.readCount("maximum of tokens")
        case .topP: topP = Double(bitPattern: try bytes.read(UInt64.self, "share of tokens"))
        case .seed: seed = Int(try bytes.read(Int64.self, "seed"))
        case .stopSequences:
            stopSequences = try bytes.readAll { buffer throws(FormatError) in try buffer.readText("stop sequence") }
        case .toolChoice: toolChoice = try ToolChoice(from: &bytes)
        case .allowsParallelToolCalls: allowsParallelToolCalls = try bytes.read(UInt8.self, "parallel calls") == 1
        case .responseFormat: responseFormat = try ResponseFormat(from: &bytes)
        case .reasoningEffort: reasoningEffort = ReasoningEffort(rawValue: try bytes.readText("effort"))
        case .promptCacheKey: promptCacheKey = try bytes.readText("key of the prompt cache")
        case .providerMembers:
            while bytes.readableBytes > 0 {
                let name = try bytes.readText("member's name")
                let text = try bytes.readText("member")
                do throws(JSONError) { providerMembers[name] = try JSON(text: text) } catch { throw .invalid("member") }
            }
        }
    }
}

extension ToolChoice {
    fileprivate func write(to buffer: inout ByteBuffer) {
        switch self {
        case .automatic: buffer.writeInteger(UInt8(1))
        case .noTool: buffer.writeInteger(UInt8(2))
        case .required: buffer.writeInteger(UInt8(3))
        case .tool(let name):
            buffer.writeInteger(UInt8(4))
            buffer.writeText(name)
        }
    }

    fileprivate init(from buffer: inout ByteBuffer) throws(FormatError) {
        let kind = try buffer.read(UInt8.self, "choice of tools")
        switch kind {
        case 1: self = .automatic
        case 2: self = .noTool
        case 3: self = .required
        case 4: self = .tool(try buffer.readText("chosen tool"))
        default: throw .unsupported("choice of tools \(kind)")
        }
    }
}

extension ResponseFormat {
    fileprivate func write(to buffer: inout ByteBuffer) {
        switch self {
        case .text: buffer.writeInteger(UInt8(1))
        case .jsonObject: buffer.writeInteger(UInt8(2))
        case .jsonSchema(let format):
            buffer.writeInteger(UInt8(3))
            buffer.writeInteger(format.isStrict.map { UInt8($0 ? 2 : 1) } ?? 0)
            buffer.writeText(format.name)
            buffer.writeText(format.schema.json)
            if let description = format.description { buffer.writeText(description) }
        }
    }

    fileprivate init(from buffer: inout ByteBuffer) throws(FormatError) {
        let kind = try buffer.read(UInt8.self, "form of answers")
        switch kind {
        case 1: self = .text
        case 2: self = .jsonObject
        case 3:
            let strictness = try buffer.read(UInt8.self, "strictness of answers")
            guard strictness <= 2 else { throw .unsupported("strictness of answers \(strictness)") }
            let name = try buffer.readText("name of the form")
            let text = try buffer.readText("schema of answers")
            let schema: JSONSchema
            do throws(JSONError) { schema = try JSONSchema(json: text) } catch { throw .invalid("schema of answers") }
            let description = buffer.readableBytes > 0 ? try buffer.readText("purpose of the form") : nil
            self = .jsonSchema(
                name,
                schema,
                isStrict: strictness == 0 ? nil : strictness == 2,
                description: description
            )
        default: throw .unsupported("form of answers \(kind)")
        }
    }
}
