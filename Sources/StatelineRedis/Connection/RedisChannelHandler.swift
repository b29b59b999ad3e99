internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOTLS
internal import Synchronization

/// A channel handler that drives a ``RedisConnectionStateMachine`` over a channel.
///
/// Callers on the event loop append their bytes to the outgoing buffer. Other callers append them to the outbox under a
/// lock, and the first of them wakes the loop. One write sends all requests of a turn of the loop.
///
/// Unchecked: `outbox` is behind its lock, and `published`, `isOpen` and `isDropped` are atomic. All other state that
/// changes is used on the loop's thread only.
final class RedisChannelHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The maximum capacity of an outgoing buffer that is kept.
    private static let keptBytes = 256 << 10
    /// The time that a silent connection has for a reply when another one is ready.
    private static let wayPause = TimeAmount.milliseconds(50)

    /// The event loop.
    let eventLoop: any EventLoop
    /// The event loop, as an executor for tasks.
    let executor: LoopExecutor
    /// The number of commands that wait for replies, as of the loop's last turn.
    let published = Atomic<Int>(0)
    /// `true` if requests are accepted.
    let isOpen = Atomic<Bool>(false)
    /// `true` if the connection's owner has dropped it, which closes it on purpose.
    let isDropped = Atomic<Bool>(false)
    private let outbox = NIOLockedValueBox(Outbox())
    private let inFlightLimit: Int
    private let outgoingLimit: Int
    private let isEncrypted: Bool
    private let cancellationPause: TimeAmount
    /// A promise that succeeds when requests are accepted.
    let ready: EventLoopPromise<Void>

    /// The state in one property, so that a request needs one access to it.
    private var core: ConnectionCore
    private let reader: RESPReader
    private var spare = Outbox()
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var isWatching = false
    private var isConnected = false
    private var isEnded = false
    private var timer: Scheduled<Void>?
    /// Called on the loop when a reply has been due for too long without a byte.
    var onSilence: (@Sendable () -> Void)?
    /// Called on the loop, once, if the connection ends although its owner has not closed it.
    var onLoss: (@Sendable (RedisError) -> Void)? {
        didSet { reportLoss() }
    }
    private var loss: RedisError?

    /// Makes a handler.
    ///
    /// Call on the loop.
    init(
        configuration: RedisConnection.Configuration,
        executor: LoopExecutor,
        ready: EventLoopPromise<Void>,
        deadline: NIODeadline
    ) {
        self.eventLoop = executor.eventLoop
        self.executor = executor
        self.ready = ready
        inFlightLimit = configuration.inFlightLimit
        outgoingLimit = configuration.outgoingLimit
        isEncrypted = configuration.tls != nil
        cancellationPause = configuration.cancellationPause
        core = ConnectionCore(configuration, until: deadline)
        reader = RESPReader(limits: configuration.limits)
    }
}

// MARK: - Callers

extension RedisChannelHandler {
    /// Submits a request, from any thread.
    func submit(_ request: RedisRequest, _ deadline: NIODeadline, _ continuation: ReplyContinuation) {
        if eventLoop.inEventLoop {
            submitOnLoop(request, deadline, continuation)
        } else {
            submitOffLoop(request, deadline, continuation)
        }
    }

    private func submitOnLoop(
        _ request: RedisRequest,
        _ deadline: NIODeadline,
        _ continuation: ReplyContinuation
    ) {
        switch core.submit(request, deadline, continuation) {
        case .refused(let error): continuation.fail(error)
        case .taken(let isAlarmEarlier, let isFirst):
            if isAlarmEarlier { setTimer() }
            watchForCancellation()
            if isFirst, !isReading { executor.flushLater(self) }
        }
    }

    private func submitOffLoop(
        _ request: RedisRequest,
        _ deadline: NIODeadline,
        _ continuation: ReplyContinuation
    ) {
        if deadline <= .now() { return continuation.fail(.tooLateToSend) }
        let waiting = published.load(ordering: .relaxed)
        let outcome: Result<Bool, RedisError> = outbox.withLockedValue { outbox in
            if let end = outbox.end { return .failure(end) }
            guard outbox.commands + request.commands + waiting <= inFlightLimit else {
                return .failure(.tooManyCommands)
            }
            let before = outbox.bytes.readableBytes
            guard before < outgoingLimit else { return .failure(.tooMuchToWrite) }
            request.write(to: &outbox.bytes)
            outbox.commands += request.commands
            outbox.requests.append(
                PendingRequest(
                    completion: continuation,
                    commands: request.commands,
                    deadline: deadline,
                    bytes: outbox.bytes.readableBytes - before,
                    serverTime: request.serverTime
                )
            )
            return .success(outbox.requests.count == 1)
        }
        switch outcome {
        case .success(false): break
        case .success(true): eventLoop.execute { self.executor.run { self.takeOutbox() } }
        case .failure(let error): continuation.fail(error)
        }
    }

    /// Schedules a check for cancelled tasks, on the loop, as long as any task waits.
    ///
    /// A cancellation handler for each task would cost every request more than writing it does.
    private func watchForCancellation() {
        guard !isWatching else { return }
        isWatching = true
        let pause = cancellationPause + .microseconds(Int64(core.machine.live))
        eventLoop.scheduleTask(in: pause) { self.executor.run { self.lookForCancellation() } }
    }

    private func lookForCancellation() {
        isWatching = false
        takeOutbox()
        let (failures, isAlarmEarlier) = core.machine.cancelled(now: .now()) { $0.isCancelled }
        for failure in failures { failure.completion.fail(failure.error) }
        if isAlarmEarlier { setTimer() }
        closeIfDrained()
        if core.machine.live > 0 { watchForCancellation() }
    }

    /// Takes the requests of callers on other threads, on the loop.
    private func takeOutbox() {
        let isEmpty = outbox.withLockedValue { outbox in
            guard !outbox.requests.isEmpty else { return true }
            swap(&outbox.bytes, &spare.bytes)
            swap(&outbox.requests, &spare.requests)
            outbox.commands = 0
            return false
        }
        guard !isEmpty else { return }
        let (refused, isAlarmEarlier) = core.take(&spare)
        for (continuation, error) in refused { continuation.fail(error) }
        if spare.bytes.capacity > Self.keptBytes { spare.bytes = ByteBuffer() }
        if isAlarmEarlier { setTimer() }
        watchForCancellation()
        flushLater()
    }
}

// MARK: - Writing

extension RedisChannelHandler {
    private func flushLater() {
        if core.flushRequested(), !isReading { executor.flushLater(self) }
    }

    /// Writes the outgoing buffer, on the loop.
    func flush() {
        guard let context, context.channel.isWritable, let bytes = core.flushing() else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        published.store(core.machine.commands, ordering: .relaxed)
        core.flushed(bytes, keeping: Self.keptBytes)
        setTimer()
    }
}

// MARK: - The channel

extension RedisChannelHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        setTimer()
    }

    func channelActive(context: ChannelHandlerContext) {
        isConnected = true
        if !isEncrypted { connected(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isEncrypted, case .handshakeCompleted? = event as? TLSUserEvent { connected(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func connected(_ context: ChannelHandlerContext) {
        switch core.machine.connected(now: .now()) {
        case .authenticate(let commands):
            var encoder = CommandEncoder()
            for command in commands { command.encode(into: &encoder) }
            context.writeAndFlush(wrapOutboundOut(encoder.buffer), promise: nil)
        case .ready: becomeReady()
        case .nothing: break
        }
    }

    private func becomeReady() {
        isOpen.store(true, ordering: .releasing)
        setTimer()
        ready.succeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        isReading = true
        executor.run { self.read(buffer) }
    }

    private func read(_ buffer: ByteBuffer) {
        core.machine.received(now: .now())
        let (isNowReady, ending) = Self.read(buffer, with: reader, for: &core.machine)
        if isNowReady { becomeReady() }
        if let ending { end(ending) }
        published.store(core.machine.commands, ordering: .relaxed)
        closeIfDrained()
    }

    /// Passes each reply to its caller, in one access to the state machine.
    ///
    /// - Returns: `true` if the connection became ready, and the error with which it is to be ended.
    private static func read(
        _ buffer: ByteBuffer,
        with reader: RESPReader,
        for machine: inout RedisConnectionStateMachine<ReplyContinuation>
    ) -> (isNowReady: Bool, ending: RedisError?) {
        var isNowReady = false
        var ending: RedisError?
        do {
            try reader.read(buffer) { reply in
                switch machine.replied(reply) {
                case .drop: break
                case .ready: isNowReady = true
                case .complete(let continuation, let reply): continuation.resume(reply)
                case .end(let error): ending = error
                }
                return ending == nil
            }
        } catch {
            ending = .violation(error)
        }
        return (isNowReady, ending)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flush()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let meaning = TLSLayer.meaning(of: error), !core.machine.isReady || meaning.reason == .untrusted {
            end(meaning)
        } else {
            endByPeer()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        endByPeer()
        context.fireChannelInactive()
    }

    private func endByPeer() {
        guard !core.machine.isReady else { return end(.closedByPeer) }
        end(isEncrypted ? .unreachable : .closedUnanswered)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.closedByPeer)
        self.context = nil
    }
}

// MARK: - Time and the end

extension RedisChannelHandler {
    private func setTimer() {
        guard core.machine.alarm < core.timerDeadline else { return }
        timer?.cancel()
        core.timerDeadline = core.machine.alarm
        timer = eventLoop.scheduleTask(deadline: core.timerDeadline) { self.executor.run { self.timePassed() } }
    }

    private func timePassed() {
        core.timerDeadline = .distantFuture
        takeOutbox()
        let action = core.machine.timePassed(now: .now())
        for failure in action.failures { failure.completion.fail(failure.error) }
        switch action.then {
        case .nothing: break
        case .ping:
            core.outgoing.buffer.writeStaticString(PendingRequest<ReplyContinuation>.pingBytes)
            flushLater()
        case .reportSilence: onSilence?()
        case .end(.connectTimedOut) where isEncrypted && isConnected && core.machine.isConnecting:
            return end(.unencrypted)
        case .end(let error): return end(error)
        }
        closeIfDrained()
        setTimer()
    }

    private func closeIfDrained() {
        if core.machine.isDrained() { end(.closedByUs) }
    }

    /// Accepts no more requests, and closes once the accepted ones are answered.
    ///
    /// Call on the loop.
    func drain() {
        takeOutbox()
        isOpen.store(false, ordering: .releasing)
        outbox.withLockedValue { $0.end = .closing }
        if core.machine.closeRequested() { end(.closedByUs) }
    }

    /// Drains, and ends soon if the connection is still silent.
    ///
    /// Call on the loop, when another connection is ready.
    ///
    /// The pause is for a server that was frozen and continues: its replies may be on their way.
    func makeWay() {
        drain()
        eventLoop.scheduleTask(in: Self.wayPause) {
            self.executor.run { if self.core.machine.isSilent(now: .now()) { self.end(.silent) } }
        }
    }

    /// Reports silence if a reply is due and no byte has come since a time.
    ///
    /// Call on the loop.
    func reportSilence(since time: NIODeadline) {
        if core.machine.isSilent(since: time) { onSilence?() }
    }

    /// Ends the connection with an error.
    ///
    /// Call on the loop. Later calls have no effect.
    func end(_ error: RedisError) {
        takeOutbox()
        guard !isEnded else { return }
        isEnded = true
        // A connection that makes way for another one is lost only if it stayed silent.
        let isLost = core.machine.isReady && error != .closedByUs || error == .silent
        if isLost, !isDropped.load(ordering: .acquiring) { loss = error }
        // Before the requests fail: what they do next is logged after it.
        reportLoss()
        isOpen.store(false, ordering: .releasing)
        outbox.withLockedValue { $0.end = RedisError(error.reason, .notSent, message: error.message) }
        timer?.cancel()
        timer = nil
        for failure in core.machine.ended(error) { failure.completion.fail(failure.error) }
        published.store(0, ordering: .relaxed)
        ready.fail(RedisError(error.reason, .notSent, message: error.message))
        context?.close(promise: nil)
    }

    private func reportLoss() {
        guard let onLoss, let loss = exchange(&self.loss, with: nil) else { return }
        onLoss(loss)
    }
}
