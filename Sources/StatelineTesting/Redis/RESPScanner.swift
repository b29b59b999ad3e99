internal import NIOCore

/// A scanner that finds the ends of frames in a stream of RESP that is cut into any pieces.
///
/// A frame is a command or a reply, with all nested values. Each byte is read once: the state is the number of known
/// bytes of the frame and the number of values that it still needs.
struct RESPScanner {
    /// Bytes that are not a frame.
    struct Malformed: Error {
        /// The byte that is not a type, or that is not followed by a length.
        let byte: UInt8
    }

    /// The number of known bytes of the frame, some of which may not have arrived yet.
    private var known = 0
    /// The number of values that the frame still needs.
    private var wanted = 1

    /// Takes the first frame from a buffer, or leaves the buffer unchanged if the frame is not complete.
    ///
    /// - Parameter buffer: The stream, from the beginning of a frame; between two calls it may only grow.
    /// - Returns: The frame's bytes; `nil` if some of them have not arrived.
    /// - Throws: ``Malformed``, after which the stream cannot be scanned.
    mutating func next(_ buffer: inout ByteBuffer) throws(Malformed) -> ByteBuffer? {
        while wanted > 0 {
            guard known < buffer.readableBytes else { return nil }
            let begin = buffer.readerIndex + known
            let length = buffer.readableBytes - known
            guard let view = buffer.viewBytes(at: begin, length: length), let type = view.first,
                let feed = view.firstIndex(of: UInt8(ascii: "\n"))
            else { return nil }
            let line = view[(begin + 1)..<feed]
            wanted -= 1
            known += feed + 1 - begin
            switch type {
            case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
                let count = try Self.number(line)
                if count >= 0 { known += count + 2 }
            case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"): wanted += max(0, try Self.number(line))
            case UInt8(ascii: "%"): wanted += max(0, 2 * (try Self.number(line)))
            case 0x20..<0x7F: break
            default: throw Malformed(byte: type)
            }
        }
        guard known <= buffer.readableBytes else { return nil }
        defer { self = RESPScanner() }
        return buffer.readSlice(length: known)
    }

    private static func number(_ line: ByteBufferView) throws(Malformed) -> Int {
        let digits = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard let number = Int(String(decoding: digits, as: UTF8.self)), number >= -1, number <= 1 << 32 else {
            throw Malformed(byte: line.first ?? 0)
        }
        return number
    }
}
