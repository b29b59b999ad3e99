internal import NIOCore

/// What changes with each request: the machine, and the bytes that are to be written.
struct ConnectionCore: ~Copyable {
    /// What became of a request.
    enum Submission {
        /// It is behind those that are to be written: whether the alarm is earlier now, and whether it is the first.
        case taken(isAlarmEarlier: Bool, isFirst: Bool)
        /// It is not.
        case refused(RedisError)
    }

    /// The rules.
    var machine: RedisConnectionStateMachine<ReplyContinuation>
    /// What is to be written.
    var outgoing = CommandEncoder()
    /// When the timer is set to.
    var timerDeadline = NIODeadline.distantFuture
    private var needsFlush = false
    private let outgoingLimit: Int

    /// Begins with a connection that is being made.
    init(_ configuration: RedisConnection.Configuration, until deadline: NIODeadline) {
        outgoingLimit = configuration.outgoingLimit
        machine = RedisConnectionStateMachine(
            rules: RedisConnectionStateMachine.Rules(
                handshake: configuration.handshake,
                inFlightLimit: configuration.inFlightLimit,
                keepAlive: configuration.keepAlive,
                stallLimit: configuration.stallLimit,
                silenceLimit: configuration.silenceLimit
            ),
            until: deadline,
            now: .now()
        )
    }

    /// Takes a request.
    mutating func submit(
        _ request: RedisRequest,
        _ deadline: NIODeadline,
        _ continuation: ReplyContinuation
    ) -> Submission {
        if let error = machine.refusal(of: request.commands) { return .refused(error) }
        let before = outgoing.buffer.readableBytes
        guard before < outgoingLimit else { return .refused(.tooMuchToWrite) }
        // One that is past is before the timer too: the clock is asked only then.
        if deadline < timerDeadline, deadline <= .now() { return .refused(.tooLateToSend) }
        request.write(to: &outgoing)
        let isAlarmEarlier = machine.enqueued(
            PendingRequest(
                completion: continuation,
                commands: request.commands,
                deadline: deadline,
                bytes: outgoing.buffer.readableBytes - before,
                serverTime: request.serverTime
            )
        )
        return .taken(isAlarmEarlier: isAlarmEarlier, isFirst: flushRequested())
    }

    /// Takes what callers on other threads wrote, and leaves the outbox empty.
    ///
    /// - Returns: Who is refused, and whether the alarm is earlier now.
    mutating func take(_ outbox: inout Outbox) -> ([(ReplyContinuation, RedisError)], isAlarmEarlier: Bool) {
        if outgoing.buffer.readableBytes == 0 {
            swap(&outgoing.buffer, &outbox.bytes)
        } else {
            outgoing.buffer.writeBuffer(&outbox.bytes)
        }
        outbox.bytes.clear()
        var refused: [(ReplyContinuation, RedisError)] = []
        var isAlarmEarlier = false
        for request in outbox.requests {
            if let error = machine.refusal(of: request.commands) {
                machine.enqueuedRefused(request)
                if let continuation = request.completion { refused.append((continuation, error)) }
            } else {
                isAlarmEarlier = machine.enqueued(request) || isAlarmEarlier
            }
        }
        outbox.requests.removeAll(keepingCapacity: true)
        return (refused, isAlarmEarlier)
    }

    /// There is something to write.
    ///
    /// - Returns: Whether nobody was told yet.
    mutating func flushRequested() -> Bool {
        defer { needsFlush = true }
        return !needsFlush
    }

    /// What there is to write is about to be.
    ///
    /// - Returns: The bytes, if there are any; to be given back to ``flushed(_:keeping:)``.
    mutating func flushing() -> ByteBuffer? {
        guard needsFlush else { return nil }
        needsFlush = false
        let cuts = machine.flushing { .now() }
        if !cuts.isEmpty { cut(cuts) }
        guard outgoing.buffer.readableBytes > 0 else { return nil }
        return exchange(&outgoing.buffer, with: ByteBuffer())
    }

    /// The bytes are with the channel.
    ///
    /// - Parameters:
    ///   - bytes: Those of ``flushing()``: their room is used again, if the channel has written them already.
    ///   - limit: How much room may be kept.
    mutating func flushed(_ bytes: consuming ByteBuffer, keeping limit: Int) {
        guard bytes.capacity <= limit, outgoing.buffer.readableBytes == 0 else { return }
        bytes.clear()
        outgoing.buffer = bytes
    }

    /// Leaves out what nobody waits for any more.
    private mutating func cut(_ cuts: [Range<Int>]) {
        var kept = ByteBuffer()
        var all = exchange(&outgoing.buffer, with: ByteBuffer())
        var end = 0
        for cut in cuts {
            if let live = all.getSlice(at: all.readerIndex + end, length: cut.lowerBound - end) {
                kept.writeImmutableBuffer(live)
            }
            end = cut.upperBound
        }
        all.moveReaderIndex(forwardBy: end)
        kept.writeBuffer(&all)
        outgoing.buffer = kept
    }
}

extension RedisRequest {
    /// Writes the commands behind what an encoder holds.
    func write(to encoder: inout CommandEncoder) {
        let before = encoder.commands
        encode(&encoder)
        assert(encoder.commands - before == commands, "a request of \(commands) commands wrote others")
    }

    /// Writes the commands behind what a buffer holds.
    func write(to buffer: inout ByteBuffer) {
        // Moved there and back, so that nobody else holds it while it is written to.
        var encoder = CommandEncoder()
        swap(&encoder.buffer, &buffer)
        write(to: &encoder)
        swap(&encoder.buffer, &buffer)
    }
}
