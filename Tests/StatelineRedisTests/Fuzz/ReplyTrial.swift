import NIOCore

@testable import StatelineRedis

/// What must hold of whatever bytes come over a connection, in whatever pieces, while requests come, go and are given
/// up.
///
/// The first bytes of an input decide how the rest is cut and what happens between the pieces, so that a fuzzer can
/// vary that too. The machine is held against a list of who was written, in order.
struct ReplyTrial: ~Copyable {
    /// A request as the list knows it.
    private struct Sent {
        let id: UInt64
        let commands: Int
        let bytes: Int
        var isWritten = false
        var isGivenUp = false
        var isCut = false
        var replies: [RESPValue] = []
    }

    /// What is wrong.
    struct Finding: Error, CustomStringConvertible {
        let description: String
    }

    /// Limits so small that short inputs reach them.
    static let limits: ReplyLimits = {
        var limits = ReplyLimits()
        limits.bulkBytes = 512
        limits.lineBytes = 64
        limits.elements = 48
        limits.depth = 4
        limits.bufferedBytes = 2_048
        return limits
    }()

    private var script: UInt64
    private var machine: RedisConnectionStateMachine<UInt64>
    private var sent: [Sent] = []
    private var now = NIODeadline.uptimeNanoseconds(0)
    private var told: Set<UInt64> = []

    private init(script: UInt64) {
        self.script = script
        machine = RedisConnectionStateMachine(
            rules: .init(inFlightLimit: 40, keepAlive: .seconds(3), stallLimit: .seconds(2)),
            until: .distantFuture,
            now: .uptimeNanoseconds(0)
        )
    }

    /// Tries an input.
    ///
    /// - Throws: ``Finding``.
    static func check(_ input: some Collection<UInt8>) throws(Finding) {
        let script = input.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let bytes = ByteBuffer(bytes: input.dropFirst(8))
        let whole = try replies(to: bytes) { bytes.readableBytes }
        var cuts = script
        let sliced = try replies(to: bytes) { Int(next(&cuts) % 97 + 1) }
        guard whole.replies == sliced.replies, whole.isViolated == sliced.isViolated else {
            throw Finding(description: "another slicing gave \(sliced), one piece \(whole)")
        }
        var trial = ReplyTrial(script: script)
        try trial.run(whole.replies)
    }

    private static func replies(
        to bytes: ByteBuffer,
        cut: () -> Int
    ) throws(Finding) -> (replies: [RESPValue], isViolated: Bool) {
        let reader = RESPReader(limits: limits)
        var rest = bytes
        var replies: [RESPValue] = []
        while let slice = rest.readSlice(length: min(max(1, cut()), rest.readableBytes)), slice.readableBytes > 0 {
            do {
                try reader.read(slice) { reply in
                    replies.append(reply)
                    return true
                }
            } catch {
                return (replies, true)
            }
            // Beyond what the limit is of: a piece, and the length before a string.
            guard reader.bufferedBytes <= limits.bufferedBytes + (4 << 10) + 32 else {
                throw Finding(description: "\(reader.bufferedBytes) bytes are held")
            }
        }
        return (replies, false)
    }

    /// Plays the replies to a machine, with requests coming and going between them.
    private mutating func run(_ replies: [RESPValue]) throws(Finding) {
        guard case .ready = machine.connected(now: now) else { throw Finding(description: "not ready") }
        for reply in replies {
            for _ in 0..<(next() % 4) { try act() }
            machine.received(now: now)
            guard try take(reply) else { break }
        }
        let failures = machine.ended(.closedByPeer)
        for failure in failures {
            try tell(failure.completion)
            let request = sent.first { $0.id == failure.completion }
            guard (failure.error.execution == .unknown) == (request?.isWritten ?? false) else {
                throw Finding(description: "\(failure.completion) was told \(failure.error.execution)")
            }
        }
        guard told.count == sent.count, machine.commands == 0 else {
            throw Finding(description: "\(sent.count) were sent, and \(told.count) told")
        }
    }

    private mutating func act() throws(Finding) {
        switch next() % 6 {
        case 0, 1, 2: send()
        case 3: write()
        case 4: try giveUp()
        default: try wait()
        }
        let due = sent.filter { !$0.isCut && $0.replies.count < $0.commands }.reduce(0) { $0 + $1.commands }
        guard machine.commands == due else {
            throw Finding(description: "\(machine.commands) commands are counted, and \(due) due")
        }
    }

    private mutating func send() {
        let commands = Int(next() % 3) + 1
        guard machine.refusal(of: commands) == nil else { return }
        let id = UInt64(sent.count + 1)
        sent.append(Sent(id: id, commands: commands, bytes: commands * 10))
        let deadline = now + .seconds(Int64(next() % 4))
        _ = machine.enqueued(
            PendingRequest(completion: id, commands: commands, deadline: deadline, bytes: commands * 10)
        )
    }

    private mutating func write() {
        let cuts = machine.flushing { now }
        var offset = 0
        for index in sent.indices where !sent[index].isWritten && !sent[index].isCut {
            let length = sent[index].bytes
            if cuts.contains(offset..<offset + length) {
                sent[index].isCut = true
            } else {
                sent[index].isWritten = true
            }
            offset += length
        }
    }

    private mutating func giveUp() throws(Finding) {
        guard !sent.isEmpty else { return }
        let index = Int(next() % UInt64(sent.count))
        let id = sent[index].id
        for failure in machine.cancelled(now: now, where: { $0 == id }).failures {
            guard failure.completion == id else { throw Finding(description: "\(failure.completion) did not give up") }
            try tell(id)
            sent[index].isGivenUp = true
        }
    }

    private mutating func wait() throws(Finding) {
        now = now + .seconds(1)
        let action = machine.timePassed(now: now)
        for failure in action.failures {
            try tell(failure.completion)
            if let index = sent.firstIndex(where: { $0.id == failure.completion }) { sent[index].isGivenUp = true }
        }
        // A sign of life takes a place of its own.
        if case .ping = action.then {
            let id = UInt64.max - UInt64(sent.count)
            let bytes = PendingRequest<UInt64>.pingBytes.utf8CodeUnitCount
            sent.append(Sent(id: id, commands: 1, bytes: bytes, isGivenUp: true))
            told.insert(id)
        }
    }

    /// - Returns: Whether the connection goes on.
    private mutating func take(_ reply: RESPValue) throws(Finding) -> Bool {
        let index = sent.firstIndex { $0.isWritten && $0.replies.count < $0.commands }
        let action = machine.replied(reply)
        guard let index else {
            guard case .end = action else { throw Finding(description: "a reply that nobody asked for was taken") }
            return false
        }
        sent[index].replies.append(reply)
        let request = sent[index]
        switch action {
        case .drop where request.isGivenUp || request.replies.count < request.commands: return true
        case .complete(let id, let value) where !request.isGivenUp && request.replies.count == request.commands:
            let expected = request.commands == 1 ? reply : .array(request.replies)
            guard id == request.id, value == expected else {
                throw Finding(description: "\(id) was given what belongs to \(request.id)")
            }
            try tell(id)
            return true
        case .drop, .complete, .ready, .end: throw Finding(description: "\(request) led to \(action)")
        }
    }

    private mutating func tell(_ id: UInt64) throws(Finding) {
        guard told.insert(id).inserted else { throw Finding(description: "\(id) was told twice") }
    }

    private mutating func next() -> UInt64 { Self.next(&script) }

    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
