internal import NIOCore

extension BatchFormat {
    /// The tags of the fields of a change of settings.
    private enum SettingsField: UInt8 {
        case options = 1
        case tools = 2
    }

    static func write(_ settings: Batch.Settings, to buffer: inout ByteBuffer) {
        if let options = settings.options {
            buffer.writeInteger(SettingsField.options.rawValue)
            buffer.writeBytes(sized: options)
        }
        if let tools = settings.tools {
            buffer.writeInteger(SettingsField.tools.rawValue)
            buffer.writeSized(.two) { buffer in
                buffer.writeInteger(tools.fingerprint)
                for name in tools.names { buffer.writeText(name) }
            }
        }
        buffer.writeExtensions(settings.extensions)
    }

    static func readSettings(from buffer: inout ByteBuffer) throws(FormatError) -> Batch.Settings {
        var settings = Batch.Settings()
        for (tag, bytes) in try buffer.readFields("field of the settings") {
            var bytes = bytes
            switch SettingsField(rawValue: tag) {
            case .options: settings.options = bytes
            case .tools:
                let fingerprint = try bytes.read(UInt32.self, "fingerprint of the tools")
                settings.tools = DeclaredTools(
                    names: try bytes.readAll { buffer throws(FormatError) in try buffer.readText("tool's name") },
                    fingerprint: fingerprint
                )
            case nil:
                guard tag >= FormatExtension.firstTag else { throw .unsupported("field of the settings \(tag)") }
                settings.extensions.append(FormatExtension(tag: tag, bytes: bytes))
            }
        }
        return settings
    }
}

extension ByteBuffer {
    /// Reads fields of ascending tags, each with its length, to the end.
    mutating func readFields(_ field: StaticString) throws(FormatError) -> [(tag: UInt8, bytes: ByteBuffer)] {
        var fields: [(tag: UInt8, bytes: ByteBuffer)] = []
        while readableBytes > 0 {
            let tag = try read(UInt8.self, field)
            guard tag > fields.last?.tag ?? 0 else { throw .invalid(field) }
            fields.append((tag, try readSized(field)))
        }
        return fields
    }
}
