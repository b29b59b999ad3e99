internal import NIOCore

/// An encoder that writes commands as arrays of length-prefixed strings, straight into the buffer that is sent.
///
/// ```swift
/// encoder.command(["GET", "key"])
/// encoder.command(3)
/// encoder.argument("SET")
/// encoder.argument("key")
/// encoder.argument(buffer)
/// ```
///
/// The encoder cannot be copied, so its buffer has one owner, and a write never copies what is already there.
struct CommandEncoder: ~Copyable {
    /// The encoded commands, up to the last whole argument.
    var buffer = ByteBuffer()
    /// The number of commands that were begun.
    private(set) var commands = 0
    /// The number of arguments of a command whose header is still to be written; 0 if there is none.
    private var begun = 0

    /// Begins a command with a number of arguments, its name included.
    mutating func command(_ arguments: Int) {
        commands += 1
        begun = arguments
    }

    /// Writes a whole command, in one write if it is short: each write to the buffer has its price.
    mutating func command(_ words: [String]) {
        var size = Self.longestPrefix
        for word in words { size += word.utf8.count + Self.longestPrefix + 2 }
        guard size <= Self.shortBytes else {
            command(words.count)
            for word in words { argument(word) }
            return
        }
        commands += 1
        buffer.writeWithOutputRawSpan(minimumWritableBytes: size) { span in
            Self.prefix(UInt8(ascii: "*"), words.count, to: &span)
            for word in words { Self.word(word.utf8.span, to: &span) }
        }
    }

    /// Writes an argument.
    mutating func argument(_ text: String) {
        let bytes = text.utf8.span
        guard bytes.count <= Self.shortBytes else { return argument(ByteBuffer(string: text)) }
        let begun = exchange(&begun, with: 0)
        buffer.writeWithOutputRawSpan(minimumWritableBytes: bytes.count + 2 * Self.longestPrefix + 2) { span in
            if begun > 0 { Self.prefix(UInt8(ascii: "*"), begun, to: &span) }
            Self.word(bytes, to: &span)
        }
    }

    /// Writes an argument.
    mutating func argument(_ integer: Int) {
        argument(String(integer))
    }

    /// Writes an argument.
    mutating func argument(_ bytes: ByteBuffer) {
        beginArgument(bytes.readableBytes)
        buffer.writeImmutableBuffer(bytes)
        buffer.writeInteger(UInt16(0x0D0A))
    }

    /// Writes an argument: bytes with their length in 4 bytes before and after them.
    mutating func argument(framed bytes: ByteBuffer) {
        let length = UInt32(bytes.readableBytes)
        beginArgument(bytes.readableBytes + 8)
        buffer.writeInteger(length)
        buffer.writeImmutableBuffer(bytes)
        buffer.writeMultipleIntegers(length, UInt16(0x0D0A))
    }

    private mutating func beginArgument(_ size: Int) {
        let begun = exchange(&begun, with: 0)
        buffer.writeWithOutputRawSpan(minimumWritableBytes: 2 * Self.longestPrefix) { span in
            if begun > 0 { Self.prefix(UInt8(ascii: "*"), begun, to: &span) }
            Self.prefix(UInt8(ascii: "$"), size, to: &span)
        }
    }

    /// The maximum length of a marker, a number and the end of the line.
    private static let longestPrefix = 23
    /// The maximum size of a text that is written together with the bytes around it.
    private static let shortBytes = 512

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, to span: inout OutputRawSpan) {
        prefix(UInt8(ascii: "$"), bytes.count, to: &span)
        for index in bytes.indices { span.append(bytes[index]) }
        span.append(13)
        span.append(10)
    }

    /// Writes a marker, a number and the end of the line.
    ///
    /// Most commands have numbers of one or two digits.
    @inline(__always)
    private static func prefix(_ marker: UInt8, _ number: Int, to span: inout OutputRawSpan) {
        span.append(marker)
        if number < 10 {
            span.append(UInt8(48 + number))
        } else if number < 100 {
            span.append(UInt8(48 + number / 10))
            span.append(UInt8(48 + number % 10))
        } else {
            for digit in String(number).utf8 { span.append(digit) }
        }
        span.append(13)
        span.append(10)
    }
}
