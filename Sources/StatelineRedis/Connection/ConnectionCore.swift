internal import NIOCore

/// The state of a connection that changes with each request: the state machine and the outgoing buffer.
struct ConnectionCore: ~Copyable {
    /// The outcome of submitting a request.
    enum Submission {
        /// The request is in the outgoing buffer. The flags say if the alarm is earlier now, and if a flush is to be
        /// scheduled.
        case taken(isAlarmEarlier: Bool, isFirst: Bool)
        /// The request was refused.
        case refused(RedisError)
    }

    /// The state machine.
    var machine: RedisConnectionStateMachine<ReplyContinuation>
    /// The outgoing buffer.
    var outgoing = CommandEncoder()
    /// The time that the timer is set to.
    var timerDeadline = NIODeadline.distantFuture
    private var needsFlush = false
    private let outgoingLimit: Int

    /// Makes the state of a connection that is being set up.
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

    /// Submits a request.
    mutating func submit(
        _ request: RedisRequest,
        _ deadline: NIODeadline,
        _ continuation: ReplyContinuation
    ) -> Submission {
        if let error = machine.refusal(of: request.commands) { return .refused(error) }
        let before = outgoing.buffer.readableBytes
        guard before < outgoingLimit else { return .refused(.tooMuchToWrite) }
        // A deadline that has passed is before the timer's time too: the clock is read only then.
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

    /// Takes the requests of callers on other threads, and leaves the outbox empty.
    ///
    /// - Returns: The refused requests, and `true` if the alarm is earlier now.
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

    /// Requests a flush of the outgoing buffer.
    ///
    /// - Returns: `true` if none was requested yet.
    mutating func flushRequested() -> Bool {
        defer { needsFlush = true }
        return !needsFlush
    }

    /// Begins a flush.
    ///
    /// - Returns: The bytes to write, if there are any; pass them to ``flushed(_:keeping:)`` afterwards.
    mutating func flushing() -> ByteBuffer? {
        guard needsFlush else { return nil }
        needsFlush = false
        let cuts = machine.flushing { .now() }
        if !cuts.isEmpty { cut(cuts) }
        guard outgoing.buffer.readableBytes > 0 else { return nil }
        return exchange(&outgoing.buffer, with: ByteBuffer())
    }

    /// Ends a flush, and uses the buffer again if the channel has written it already.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of ``flushing()``.
    ///   - limit: The maximum capacity that is kept.
    mutating func flushed(_ bytes: consuming ByteBuffer, keeping limit: Int) {
        guard bytes.capacity <= limit, outgoing.buffer.readableBytes == 0 else { return }
        bytes.clear()
        outgoing.buffer = bytes
    }

    /// Removes ranges from the outgoing buffer.
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
    /// Appends the commands to an encoder.
    func write(to encoder: inout CommandEncoder) {
        let before = encoder.commands
        encode(&encoder)
        assert(encoder.commands - before == commands, "a request wrote another number of commands than \(commands)")
    }

    /// Appends the commands to a buffer.
    func write(to buffer: inout ByteBuffer) {
        // Moved there and back, so that the buffer has one owner while it is written to.
        var encoder = CommandEncoder()
        swap(&encoder.buffer, &buffer)
        write(to: &encoder)
        swap(&encoder.buffer, &buffer)
    }
}
