internal import NIOCore

extension BatchFormat {
    /// The maximum number of bytes that a head without extensions takes: an incarnation and 16 counts.
    static let maximumHeadSize = 16 + 16 * maximumVarintSize

    /// Encodes a head without its digest.
    static func encode(_ head: Head) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: maximumHeadSize)
        buffer.writeInteger(head.position.incarnation.rawValue)
        buffer.writeRevision(head.position.revision)
        let totals = head.totals
        buffer.writeCount(totals.entries)
        buffer.writeCount(totals.crossings)
        buffer.writeCount(totals.sentAgainBytes)
        buffer.writeCount(totals.newBytes)
        buffer.writeCount(totals.receivedBytes)
        buffer.writeCount(totals.sentAgainTokens)
        buffer.writeCount(totals.newTokens)
        buffer.writeCount(totals.cachedTokens)
        buffer.writeCount(totals.outputTokens)
        buffer.writeRevision(head.view.revision)
        buffer.writeCount(head.view.entries)
        buffer.writeCount(head.view.sentEntries)
        buffer.writeCount(head.view.sentTokens)
        buffer.writeCount(Int(head.view.sentTools))
        buffer.writeCount(totals.repeatedToolBytes)
        if let open = head.openTurn {
            buffer.writeInteger(openTurnTag)
            buffer.writeCount(openTurnSize)
            buffer.writeInteger(open.turn.rawValue)
            buffer.writeInteger(open.isWaiting ? 1 : 0, as: UInt8.self)
        }
        if totals.cost > 0 {
            buffer.writeInteger(costTag)
            buffer.writeSized(.one) { $0.writeCount(totals.cost) }
        }
        buffer.writeExtensions(head.extensions)
        return buffer
    }

    private static let costTag: UInt8 = 2

    /// Reads the total cost, if the next extension is that.
    private static func readCost(from buffer: inout ByteBuffer) throws(FormatError) -> Int {
        guard buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == costTag else { return 0 }
        buffer.moveReaderIndex(forwardBy: 1)
        var field = try buffer.readSized("total cost")
        let cost = try field.readCount("total cost")
        guard cost > 0, field.readableBytes == 0 else { throw .invalid("total cost") }
        return cost
    }

    private static let openTurnTag: UInt8 = 1
    private static let openTurnSize = 17

    /// Reads the open turn, if the next extension is that.
    private static func readOpenTurn(from buffer: inout ByteBuffer) throws(FormatError) -> Head.OpenTurn? {
        guard buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == openTurnTag else { return nil }
        buffer.moveReaderIndex(forwardBy: 1)
        guard try buffer.readCount("size of the open turn") == openTurnSize else { throw .invalid("open turn") }
        let turn = TurnID(rawValue: try buffer.read(UInt128.self, "open turn"))
        return Head.OpenTurn(turn: turn, isWaiting: try buffer.readFlags(1, "state of the open turn") == 1)
    }

    /// Reads the fields of a head that make up its position, with the digest.
    static func readPosition(digest: Digest, from buffer: inout ByteBuffer) throws(FormatError) -> Position {
        Position(
            incarnation: Incarnation(rawValue: try buffer.read(UInt128.self, "incarnation")),
            revision: try buffer.readRevision("revision"),
            digest: digest
        )
    }

    /// Reads a head.
    static func readHead(digest: Digest, from buffer: inout ByteBuffer) throws(FormatError) -> Head {
        var head = Head(position: try readPosition(digest: digest, from: &buffer))
        head.totals.entries = try buffer.readCount("total of entries")
        head.totals.crossings = try buffer.readCount("total of crossings")
        head.totals.sentAgainBytes = try buffer.readCount("total of bytes sent again")
        head.totals.newBytes = try buffer.readCount("total of new bytes")
        head.totals.receivedBytes = try buffer.readCount("total of received bytes")
        head.totals.sentAgainTokens = try buffer.readCount("total of tokens sent again")
        head.totals.newTokens = try buffer.readCount("total of new tokens")
        head.totals.cachedTokens = try buffer.readCount("total of cached tokens")
        head.totals.outputTokens = try buffer.readCount("total of output tokens")
        head.view.revision = try buffer.readRevision("view's revision")
        head.view.entries = try buffer.readCount("view's entries")
        head.view.sentEntries = try buffer.readCount("entries of the newest request")
        head.view.sentTokens = try buffer.readCount("tokens of the newest request")
        guard let sentTools = UInt32(exactly: try buffer.readCount("tools of the newest request")) else {
            throw .invalid("tools of the newest request")
        }
        head.view.sentTools = sentTools
        head.totals.repeatedToolBytes = try buffer.readCount("total of repeated bytes of tools")
        guard head.totals.prefixBytes >= 0 else { throw .invalid("total of repeated bytes of tools") }
        if buffer.readableBytes > 0 { head.openTurn = try readOpenTurn(from: &buffer) }
        if buffer.readableBytes > 0 { head.totals.cost = try readCost(from: &buffer) }
        if buffer.readableBytes > 0 {
            head.extensions = try buffer.readBoundedExtensions("field of the head").map(\.detached)
        }
        return head
    }
}
