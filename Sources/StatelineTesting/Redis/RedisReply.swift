public import NIOCore

/// The reply to an administrator's command.
public indirect enum RedisReply: Hashable, Sendable {
    /// A status, such as `OK`.
    case status(String)
    /// An error, its code first.
    case error(String)
    /// An integer.
    case integer(Int)
    /// Bytes.
    case bytes(ByteBuffer)
    /// Null.
    case null
    /// Several values.
    case array([RedisReply])

    /// The reply as text: one line for each value of an array, an empty text for null.
    public var text: String {
        switch self {
        case .status(let text), .error(let text): text
        case .integer(let number): String(number)
        case .bytes(let buffer): String(buffer: buffer)
        case .null: ""
        case .array(let values): values.map(\.text).joined(separator: "\n")
        }
    }

    /// The values of an array; empty for other replies.
    public var values: [RedisReply] {
        if case .array(let values) = self { return values }
        return []
    }

    /// Parses a complete frame; `nil` if the bytes are not a reply.
    init?(frame: inout ByteBuffer) {
        guard let type = frame.readInteger(as: UInt8.self),
            let end = frame.readableBytesView.firstIndex(of: UInt8(ascii: "\r")),
            let line = frame.readString(length: end - frame.readerIndex)
        else { return nil }
        frame.moveReaderIndex(forwardBy: 2)
        switch type {
        case UInt8(ascii: "+"): self = .status(line)
        case UInt8(ascii: "-"): self = .error(line)
        case UInt8(ascii: ":"):
            guard let number = Int(line) else { return nil }
            self = .integer(number)
        case UInt8(ascii: "$"):
            guard let count = Int(line) else { return nil }
            guard count >= 0 else {
                self = .null
                return
            }
            guard let bytes = frame.readSlice(length: count) else { return nil }
            frame.moveReaderIndex(forwardBy: 2)
            self = .bytes(bytes)
        case UInt8(ascii: "*"):
            guard let count = Int(line) else { return nil }
            guard count >= 0 else {
                self = .null
                return
            }
            var values: [RedisReply] = []
            for _ in 0..<count {
                guard let value = RedisReply(frame: &frame) else { return nil }
                values.append(value)
            }
            self = .array(values)
        default: return nil
        }
    }
}
