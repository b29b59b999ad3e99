internal import NIOCore
internal import Stateline

extension RedisStore {
    /// Reads the batches of a tail.
    ///
    /// - Parameters:
    ///   - tail: The script's description of the tail.
    ///   - position: The position before the tail.
    ///   - keys: The session's keys.
    ///   - head: The reply with the beginning of the session's own log, if that was read already.
    ///   - deadline: The end of the operation.
    ///   - rereading: Counts the reads that did not match.
    /// - Returns: The batches; `nil` if the log is no longer as the script described it.
    /// - Throws: `StoreError` if the log is damaged, or the server gave no answer.
    func batches(
        of tail: LogTail,
        after position: Position,
        keys: StoredKeys,
        head: RESPValue? = nil,
        deadline: NIODeadline,
        _ rereading: inout Rereading
    ) async throws(StoreError) -> [EncodedBatch]? {
        var reader = ChainReader(after: position)
        if let batches = tail.batches {
            reader.read(batches)
        } else {
            var parts = parts(of: tail, keys: keys)
            if let head, var own = parts.popLast() {
                try await read(parts, slot: keys.slot, into: &reader, deadline: deadline)
                let count = try reader.read(head, atMost: own.range.count)
                own.range = own.range.dropFirst(count)
                parts = [own]
            }
            try await read(parts, slot: keys.slot, into: &reader, deadline: deadline)
        }
        if reader.isWhole, reader.position == tail.position { return reader.batches }
        try rereading.doesNotFit(tail, reader)
        return nil
    }

    private func parts(of tail: LogTail, keys: StoredKeys) -> [LogPart] {
        var parts: [LogPart] = []
        var start = tail.start
        for segment in tail.segments {
            let key = keys.logKey(ofBranch: segment.branch, incarnation: segment.incarnation)
            guard start <= segment.end else { return [] }
            parts.append(LogPart(key: key, range: start..<segment.end))
            start = 0
        }
        guard start <= tail.end else { return [] }
        parts.append(LogPart(key: keys.logKey, range: start..<tail.end))
        return parts
    }

    /// Reads parts of logs, at most ``pieceSize`` bytes in one round trip.
    private func read(
        _ parts: [LogPart],
        slot: HashSlot,
        into reader: inout ChainReader,
        deadline: NIODeadline
    ) async throws(StoreError) {
        var rest = parts.filter { !$0.range.isEmpty }[...]
        while !rest.isEmpty {
            let pieces = Self.takePieces(&rest, pieceSize)
            let replies = try await replies(to: pieces.map(\.command), slot: slot, lane: .bulk, deadline: deadline)
            for (reply, piece) in zip(replies, pieces) {
                _ = try reader.read(reply, atMost: piece.range.count)
            }
        }
    }

    /// Takes the parts that one round trip reads.
    private static func takePieces(_ parts: inout ArraySlice<LogPart>, _ pieceSize: Int) -> [LogPart] {
        var pieces: [LogPart] = []
        var room = pieceSize
        while room > 0, var part = parts.popFirst() {
            var piece = part
            piece.range = part.range.prefix(room)
            pieces.append(piece)
            room -= piece.range.count
            part.range = part.range.dropFirst(piece.range.count)
            if !part.range.isEmpty { parts.insert(part, at: parts.startIndex) }
        }
        return pieces
    }

    /// Sends commands that only read.
    func replies(
        to commands: [[String]],
        slot: HashSlot?,
        lane: RedisRequest.Lane,
        deadline: NIODeadline
    ) async throws(StoreError) -> [RESPValue] {
        let request = RedisRequest(slot: slot, lane: lane, isRepeatable: true, commands: commands.count) { encoder in
            for command in commands {
                encoder.command(command)
            }
        }
        do throws(RedisError) {
            let reply = try await sender.send(request, deadline: deadline)
            guard commands.count > 1 else { return [reply] }
            if case .array(let replies) = reply, replies.count == commands.count { return replies }
            throw RedisError.malformedAnswer
        } catch {
            throw StoreError(error, maybeCommitted: false)
        }
    }
}
