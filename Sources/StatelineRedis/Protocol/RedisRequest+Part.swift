internal import NIOCore

extension RedisRequest {
    /// Returns a request for some of the commands.
    ///
    /// - Parameters:
    ///   - indices: The indices of the commands.
    ///   - asking: `true` to send `ASKING` before each of them, because it applies to one command.
    /// - Returns: The request.
    /// - Complexity: O(*n*) in the size of the whole request, at once and for each attempt.
    func part(_ indices: [Int], asking: Bool) -> RedisRequest {
        if !asking, indices.count == commands { return self }
        var encoder = CommandEncoder()
        encode(&encoder)
        let all = Self.arguments(encoder.buffer)
        let chosen = indices.map { all[$0] }
        var readPart: (@Sendable (RESPValue, Int) -> RESPValue?)?
        if let readReply, asking {
            // Each command has the reply to its `ASKING` before its own.
            readPart = { $1.isMultiple(of: 2) ? $0 : readReply($0, indices[$1 / 2]) }
        } else if let readReply {
            readPart = { readReply($0, indices[$1]) }
        }
        return RedisRequest(
            slot: slot,
            lane: lane,
            isRepeatable: isRepeatable,
            commands: asking ? 2 * chosen.count : chosen.count,
            serverTime: serverTime,
            readReply: readPart
        ) { encoder in
            for command in chosen {
                if asking {
                    encoder.command(1)
                    encoder.argument("ASKING")
                }
                encoder.command(command.count)
                for argument in command { encoder.argument(argument) }
            }
        }
    }

    /// Returns the arguments of commands that a ``CommandEncoder`` wrote.
    private static func arguments(_ encoded: ByteBuffer) -> [[ByteBuffer]] {
        var rest = encoded
        var commands: [[ByteBuffer]] = []
        while let count = number(after: UInt8(ascii: "*"), in: &rest) {
            var arguments: [ByteBuffer] = []
            for _ in 0..<count {
                guard let length = number(after: UInt8(ascii: "$"), in: &rest),
                    let argument = rest.readSlice(length: length)
                else { preconditionFailure("the encoder did not write a command") }
                rest.moveReaderIndex(forwardBy: 2)
                arguments.append(argument)
            }
            commands.append(arguments)
        }
        return commands
    }

    private static func number(after marker: UInt8, in buffer: inout ByteBuffer) -> Int? {
        guard buffer.readInteger(as: UInt8.self) == marker else { return nil }
        let digits = buffer.readableBytesView.prefix { $0 != UInt8(ascii: "\r") }
        buffer.moveReaderIndex(forwardBy: digits.count + 2)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
