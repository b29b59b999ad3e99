internal import NIOCore

extension BatchFormat {
    private static let removedFlag: UInt8 = 1

    static func write(_ change: ValueChange, to buffer: inout ByteBuffer) {
        buffer.writeInteger(change.value == nil ? removedFlag : 0)
        buffer.writeText(change.name)
        if let value = change.value { buffer.writeBytes(sized: value) }
    }

    /// Reads changes of values to the end.
    ///
    /// - Complexity: O(*n*) in their size: values are copied, so that one that lives long does not keep its batch in memory.
    static func readValues(from buffer: inout ByteBuffer) throws(FormatError) -> [ValueChange] {
        var changes: [ValueChange] = []
        while buffer.readableBytes > 0 {
            let flags = try buffer.readFlags(removedFlag, "value's flags")
            let name = try buffer.readText("value's name", limit: ValueName.maximumLength)
            let isNext = changes.last.map { ValueName.precedes($0.name, name) } ?? true
            guard ValueName.isValid(name), isNext else { throw .invalid("value's name") }
            let value = flags == 0 ? ByteBuffer(bytes: try buffer.readSized("value").readableBytesView) : nil
            changes.append(ValueChange(name: name, value: value))
        }
        return changes
    }
}
