internal import NIOCore

/// Writes commands as arrays of length-prefixed strings, straight into the buffer that is sent.
///
/// ```swift
/// encoder.command(3)
/// encoder.argument("SET")
/// encoder.argument("key")
/// encoder.argument(buffer)
/// ```
struct CommandEncoder {
    private var written: ByteBuffer
    /// What is short is gathered here first: each write to a buffer has its price.
    private var gathered = InlineArray<256, UInt8>(repeating: 0)
    private var count = 0
    /// How many commands were begun.
    private(set) var commands = 0

    /// Writes behind what a buffer holds.
    init(_ buffer: consuming ByteBuffer) {
        written = buffer
    }

    /// What was written.
    var buffer: ByteBuffer {
        mutating get {
            flush()
            return written
        }
    }

    /// What was written, and nothing more is.
    consuming func finish() -> ByteBuffer {
        flush()
        return written
    }

    /// Begins a command of so many arguments, its name included.
    mutating func command(_ arguments: Int) {
        commands += 1
        makeRoom(Self.longestPrefix)
        prefix(UInt8(ascii: "*"), arguments)
    }

    /// Writes an argument.
    mutating func argument(_ text: String) {
        let bytes = text.utf8.span
        guard bytes.count <= Self.longestGathered else { return argument(ByteBuffer(string: text)) }
        makeRoom(bytes.count + Self.longestPrefix + 2)
        prefix(UInt8(ascii: "$"), bytes.count)
        for index in bytes.indices { gather(bytes[index]) }
        endLine()
    }

    /// Writes an argument.
    mutating func argument(_ integer: Int) {
        argument(String(integer))
    }

    /// Writes an argument.
    mutating func argument(_ bytes: ByteBuffer) {
        makeRoom(Self.longestPrefix)
        prefix(UInt8(ascii: "$"), bytes.readableBytes)
        flush()
        written.writeImmutableBuffer(bytes)
        endLine()
    }

    /// How long a marker, a number and the end of the line may be.
    private static let longestPrefix = 23
    /// The longest text that is gathered.
    private static let longestGathered = 256 - longestPrefix - 2

    private mutating func makeRoom(_ bytes: Int) {
        if count + bytes > gathered.count { flush() }
    }

    private mutating func flush() {
        guard count > 0 else { return }
        // Safety: bytes have no padding that could be read.
        unsafe written.writeBytes(gathered.span.extracting(0..<count).bytes)
        count = 0
    }

    private mutating func gather(_ byte: UInt8) {
        gathered[count] = byte
        count += 1
    }

    /// Writes a marker, a number and the end of the line; the numbers of most commands have one digit or two.
    private mutating func prefix(_ marker: UInt8, _ number: Int) {
        gather(marker)
        if number < 10 {
            gather(UInt8(48 + number))
        } else if number < 100 {
            gather(UInt8(48 + number / 10))
            gather(UInt8(48 + number % 10))
        } else {
            for digit in String(number).utf8 { gather(digit) }
        }
        endLine()
    }

    private mutating func endLine() {
        gather(13)
        gather(10)
    }
}
