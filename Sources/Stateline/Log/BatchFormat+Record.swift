internal import NIOCore

extension BatchFormat {
    /// The maximum number of bytes of an error's code, a principal and a reason in a turn record.
    private static let maximumWordSize = 256

    private enum Event: UInt8 {
        case opened = 1
        case stepped = 2
        case steered = 3
        case waiting = 4
        case decided = 5
        case taken = 6
        case ended = 7
        case queued = 8
        case left = 9
    }

    private enum Ending: UInt8 {
        case committed = 1
        case incomplete = 2
        case failed = 3
        case cancelled = 4
        case superseded = 5
    }

    private enum Decided {
        static let approved: UInt8 = 1
        static let principal: UInt8 = 2
        static let reason: UInt8 = 4
        static let all = approved | principal | reason
    }

    /// Writes a turn record.
    static func write(_ record: TurnRecord, to buffer: inout ByteBuffer) {
        switch record {
        case .opened(let opening):
            write(.opened, to: &buffer)
            write(opening.lease, to: &buffer)
            opening.input.write(to: &buffer)
            buffer.writeTime(opening.retention)
        case .stepped(let inputs):
            write(.stepped, to: &buffer)
            buffer.writeCount(inputs)
        case .steered: write(Event.steered, to: &buffer)
        case .waiting(let actions):
            write(.waiting, to: &buffer)
            for action in actions {
                buffer.writeInteger(action.kind.rawValue)
                buffer.writeText(action.call)
            }
        case .decided(let decisions, let lease):
            write(.decided, to: &buffer)
            write(lease, to: &buffer)
            for decision in decisions { write(decision, to: &buffer) }
        case .taken(let lease):
            write(.taken, to: &buffer)
            write(lease, to: &buffer)
        case .ended(let ending):
            write(.ended, to: &buffer)
            write(ending, to: &buffer)
        case .queued(let lease):
            write(.queued, to: &buffer)
            write(lease, to: &buffer)
        case .left: write(Event.left, to: &buffer)
        }
    }

    private static func write(_ event: Event, to buffer: inout ByteBuffer) {
        buffer.writeInteger(event.rawValue)
    }

    private static func write(_ lease: TurnLease, to buffer: inout ByteBuffer) {
        buffer.writeInteger(lease.holder.rawValue)
        buffer.writeTime(lease.term)
    }

    private static func write(_ decision: TurnRecord.Decision, to buffer: inout ByteBuffer) {
        var flags: UInt8 = decision.isApproved ? Decided.approved : 0
        if decision.principal != nil { flags |= Decided.principal }
        if decision.reason != nil { flags |= Decided.reason }
        buffer.writeInteger(flags)
        buffer.writeText(decision.call)
        if let principal = decision.principal { buffer.writeText(principal.rawValue, limit: maximumWordSize) }
        if let reason = decision.reason { buffer.writeText(reason, limit: maximumWordSize) }
    }

    private static func write(_ ending: TurnRecord.Ending, to buffer: inout ByteBuffer) {
        let kind: Ending =
            switch ending.outcome {
            case .committed: .committed
            case .incomplete: .incomplete
            case .failed: .failed
            case .cancelled: .cancelled
            case .superseded: .superseded
            }
        buffer.writeInteger(kind.rawValue)
        buffer.writeCount(ending.calls)
        switch ending.outcome {
        case .committed, .incomplete, .cancelled: break
        case .failed(let code): buffer.writeText(code, limit: maximumWordSize)
        case .superseded(let turn): buffer.writeInteger(turn.rawValue)
        }
    }

    /// Reads a turn record.
    static func readRecord(from buffer: inout ByteBuffer) throws(FormatError) -> TurnRecord {
        let number = try buffer.read(UInt8.self, "turn record's event")
        guard let event = Event(rawValue: number) else { throw .unsupported("event \(number) of a turn record") }
        let record: TurnRecord
        switch event {
        case .opened:
            record = .opened(
                TurnRecord.Opening(
                    lease: try readLease(from: &buffer),
                    input: try buffer.readDigest("input's digest"),
                    retention: try buffer.readTime("turn's retention")
                )
            )
        case .stepped: record = .stepped(inputs: try buffer.readCount("inputs of a step"))
        case .steered: record = .steered
        case .waiting: record = .waiting(try buffer.readAll(readAction))
        case .decided:
            let lease = try readLease(from: &buffer)
            record = .decided(try buffer.readAll(readDecision), lease)
        case .taken: record = .taken(try readLease(from: &buffer))
        case .ended: record = .ended(try readEnding(from: &buffer))
        case .queued: record = .queued(try readLease(from: &buffer))
        case .left: record = .left
        }
        try buffer.expectEnd(of: "turn record")
        return record
    }

    private static func readLease(from buffer: inout ByteBuffer) throws(FormatError) -> TurnLease {
        TurnLease(
            holder: TurnHolder(rawValue: try buffer.read(UInt128.self, "turn's holder")),
            term: try buffer.readTime("term of a lease")
        )
    }

    private static func readAction(from buffer: inout ByteBuffer) throws(FormatError) -> TurnRecord.Action {
        let number = try buffer.read(UInt8.self, "required action")
        guard let kind = TurnRecord.Action.Kind(rawValue: number) else {
            throw .unsupported("required action \(number)")
        }
        return TurnRecord.Action(kind, call: try buffer.readText("call of a required action"))
    }

    private static func readDecision(from buffer: inout ByteBuffer) throws(FormatError) -> TurnRecord.Decision {
        let flags = try buffer.readFlags(Decided.all, "flags of a decision")
        return TurnRecord.Decision(
            call: try buffer.readText("call of a decision"),
            isApproved: flags & Decided.approved != 0,
            principal: flags & Decided.principal == 0
                ? nil : Principal(rawValue: try buffer.readText("principal of a decision", limit: maximumWordSize)),
            reason: flags & Decided.reason == 0
                ? nil : try buffer.readText("reason of a decision", limit: maximumWordSize)
        )
    }

    private static func readEnding(from buffer: inout ByteBuffer) throws(FormatError) -> TurnRecord.Ending {
        let number = try buffer.read(UInt8.self, "end of a turn")
        guard let kind = Ending(rawValue: number) else { throw .unsupported("end \(number) of a turn") }
        let calls = try buffer.readCount("calls of a turn's end")
        let outcome: TurnRecord.Ending.Outcome =
            switch kind {
            case .committed: .committed
            case .incomplete: .incomplete
            case .failed: .failed(try buffer.readText("code of a failed turn", limit: maximumWordSize))
            case .cancelled: .cancelled
            case .superseded: .superseded(by: TurnID(rawValue: try buffer.read(UInt128.self, "superseding turn")))
            }
        return TurnRecord.Ending(outcome, calls: calls)
    }
}
