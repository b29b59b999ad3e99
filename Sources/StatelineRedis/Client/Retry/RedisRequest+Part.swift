internal import NIOCore

extension RedisRequest {
    /// A request of only some of the commands, each behind an `ASKING` if told: that lasts for one command.
    ///
    /// - Complexity: O(*n*) in the size of the whole request, at once and for each attempt.
    func part(_ indices: [Int], asking: Bool) -> RedisRequest {
        if !asking, indices.count == commands { return self }
        var encoder = CommandEncoder()
        encode(&encoder)
        let all = Self.arguments(encoder.buffer)
        let chosen = indices.map { all[$0] }
        // Which reply is to the whole request is not to be told from some of them.
        var isWhole: (@Sendable (RESPValue) -> Bool)?
        if chosen.count == commands, let isAnswer { isWhole = { isAnswer($0.withoutAsking) } }
        return RedisRequest(
            slot: slot,
            lane: lane,
            isRepeatable: isRepeatable,
            commands: asking ? 2 * chosen.count : chosen.count,
            serverTime: serverTime,
            isAnswer: isWhole
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

    /// The arguments of commands that a ``CommandEncoder`` wrote.
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

extension RESPValue {
    /// The replies to commands of which each was behind an `ASKING`: the reply of the one, or the array of the several.
    var withoutAsking: RESPValue {
        guard case .array(let replies) = self else { return self }
        return replies.count == 2 ? replies[1] : .array(stride(from: 1, to: replies.count, by: 2).map { replies[$0] })
    }
}
