internal import NIOCore
internal import Stateline

/// A part of a log that is to be read.
struct LogPart: Sendable {
    /// The log.
    let key: String
    /// Where the part begins and ends, as the layout counts.
    var range: Range<Int>
    /// The revision before the log's first batch.
    let base: Revision
}

/// How often a log was found not to be what a script had said of it.
struct Rereading {
    private var incarnation: Incarnation?

    /// What was read does not fit.
    ///
    /// Once that may be because the session was deleted and made again meanwhile: scripts see a session at one moment,
    /// and these bytes are of another. Twice of the same life it is damage.
    mutating func doesNotFit(_ tail: LogTail, _ reader: ChainReader) throws(StoreError) {
        guard incarnation != tail.position.incarnation, tail.batches == nil else {
            let revision = reader.position.revision.next
            if let error = reader.unreadable { throw StoreError.unreadableLog(at: revision, error) }
            throw StoreError.corruptLog(at: revision)
        }
        incarnation = tail.position.incarnation
    }
}

extension RedisStore {
    /// Reads the batches of a tail.
    ///
    /// - Parameters:
    ///   - tail: What a script said of it.
    ///   - position: Where the tail begins.
    ///   - keys: The session's keys.
    ///   - head: What was read of the session's own log already, from its beginning.
    ///   - deadline: Until when.
    ///   - rereading: What happened so far.
    /// - Returns: The batches; `nil` where the log is not any more what the script had said of it.
    /// - Throws: ``StoreError`` where it is damaged, or the server gave no answer.
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
                let count = try layout.read(head, atMost: own.range.count, into: &reader)
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
        let ancestors = tail.segments.reduce(0) { $0 + $1.end }
        // Only where offsets are batches are these revisions what they say, and only there they are used.
        var base = tail.base.rawValue &- UInt64(ancestors)
        for segment in tail.segments {
            let key = keys.logKey(ofBranch: segment.branch, incarnation: segment.incarnation)
            guard start <= segment.end else { return [] }
            parts.append(LogPart(key: key, range: start..<segment.end, base: Revision(rawValue: base)))
            base &+= UInt64(segment.end)
            start = 0
        }
        guard start <= tail.end else { return [] }
        parts.append(LogPart(key: keys.logKey, range: start..<tail.end, base: tail.base))
        return parts
    }

    /// Reads parts of logs, so many in one round trip as its size allows.
    private func read(
        _ parts: [LogPart],
        slot: HashSlot,
        into reader: inout ChainReader,
        deadline: NIODeadline
    ) async throws(StoreError) {
        var rest = parts.filter { !$0.range.isEmpty }[...]
        while !rest.isEmpty {
            let pieces = layout.takePieces(&rest, pieceSize)
            let commands = pieces.map { layout.reading($0) }
            let replies = try await replies(to: commands, slot: slot, lane: .bulk, deadline: deadline)
            for (reply, piece) in zip(replies, pieces) {
                _ = try layout.read(reply, atMost: piece.range.count, into: &reader)
            }
        }
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
            throw RedisError.outOfStep
        } catch {
            throw StoreError(error, mayBeCommitted: false)
        }
    }
}

extension LogLayout {
    /// How many batches of a stream are asked for in one round trip: a stream does not tell how large they are.
    private static var batchLimit: Int { 4096 }

    /// How far one round trip leads, as the layout counts.
    private func limit(_ pieceSize: Int) -> Int { self == .string ? pieceSize : Self.batchLimit }

    /// The command that reads a part.
    func reading(_ part: LogPart) -> [String] {
        switch self {
        case .string: ["GETRANGE", part.key, String(part.range.lowerBound), String(part.range.upperBound - 1)]
        case .stream:
            [
                "XRANGE", part.key, "\(part.base.rawValue + UInt64(part.range.lowerBound) + 1)-0",
                "\(part.base.rawValue + UInt64(part.range.upperBound))-0",
            ]
        }
    }

    /// The command that reads a log from its beginning, as much as comes in one round trip.
    func readingHead(of key: String, _ pieceSize: Int) -> [String] {
        switch self {
        case .string: ["GETRANGE", key, "0", String(limit(pieceSize) - 1)]
        case .stream: ["XRANGE", key, "-", "+", "COUNT", String(limit(pieceSize))]
        }
    }

    /// Takes what comes in one round trip.
    func takePieces(_ parts: inout ArraySlice<LogPart>, _ pieceSize: Int) -> [LogPart] {
        var pieces: [LogPart] = []
        var room = limit(pieceSize)
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

    /// Reads a reply.
    ///
    /// - Returns: How far that leads, as the layout counts; what is not a log leads nowhere.
    /// - Throws: ``StoreError`` where the server refused.
    func read(_ reply: RESPValue, atMost limit: Int, into reader: inout ChainReader) throws(StoreError) -> Int {
        switch (self, reply) {
        case (_, .error(let text)): throw StoreError(ServerMessage(text).error, mayBeCommitted: false)
        case (.string, .bytes(var bytes)):
            guard let piece = bytes.readSlice(length: min(limit, bytes.readableBytes)) else { return 0 }
            reader.read(piece)
            return piece.readableBytes
        case (.stream, .array(let entries)):
            for entry in entries.prefix(limit) {
                guard
                    case .array(let parts) = entry, parts.count == 2, case .array(let fields) = parts[1],
                    fields.count == 2, case .bytes(let batch) = fields[1]
                else { return 0 }
                reader.append(batch.withoutNeighbours)
            }
            return min(limit, entries.count)
        default: return 0
        }
    }
}
