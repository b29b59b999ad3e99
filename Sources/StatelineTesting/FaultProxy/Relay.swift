#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOPosix

/// A connection of a client and the one to the server, on one event loop, to which all state belongs.
final class Relay {
    private enum Item {
        /// Bytes, with a flag that is `true` if a reply ends with them.
        case bytes(ByteBuffer, endsReply: Bool)
        case end(RequestFault.Ending)
    }

    private struct Lane {
        var received = ByteBuffer()
        var scanner = RESPScanner()
        var queue: [(due: NIODeadline, item: Item)] = []
        var queuedBytes = 0
        var pace: Pace
        var isScheduled = false
        var isEnded = false
        var isFull = false

        /// Removes and returns the first frame that was received whole; `nil` if there is none.
        mutating func next() throws(RESPScanner.Malformed) -> ByteBuffer? { try scanner.next(&received) }
    }

    /// The number of waiting bytes of one direction above which its source is not read.
    private static let mark = 1 << 20

    let number: Int
    private let proxy: FaultProxy
    private let client: any Channel
    private var server: (any Channel)?
    private var up: Lane
    private var down: Lane
    private var machine = RelayStateMachine()
    private var trips = RoundTripCounter()
    private var requests = 0
    /// `true` if the bytes are not requests and replies in RESP: TLS, or a replica's connection.
    private var isOpaque = false
    private var isSilenced = false

    init(number: Int, proxy: FaultProxy, client: any Channel) {
        self.number = number
        self.proxy = proxy
        self.client = client
        self.up = Lane(pace: Pace(seed: UInt64(2 * number)))
        self.down = Lane(pace: Pace(seed: UInt64(2 * number + 1)))
    }

    /// Connects to the server.
    ///
    /// The client is not read before that.
    func begin() {
        let relay = NIOLoopBound(self, eventLoop: client.eventLoop)
        let bootstrap = ClientBootstrap(group: client.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(relay.value, .down))
                }
            }
        let connected =
            switch proxy.target {
            case .port(let port): bootstrap.connect(host: "127.0.0.1", port: port)
            case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connected.whenComplete { result in
            switch result {
            case .success(let channel):
                guard relay.value.client.isActive else {
                    channel.close(promise: nil)
                    return
                }
                relay.value.server = channel
                relay.value.client.setOption(.autoRead, value: true).whenComplete { _ in relay.value.client.read() }
            case .failure: relay.value.end(.close)
            }
        }
    }

    /// Takes bytes of the client, or of the server if the direction is down.
    func read(_ bytes: ByteBuffer, _ direction: FaultProxy.Direction) {
        switch direction {
        case .up:
            proxy.count { $0.requestBytes += bytes.readableBytes }
            guard !isOpaque else { return send(bytes, .up) }
            up.received.writeImmutableBuffer(bytes)
            if up.received.readableBytes == bytes.readableBytes { trips.requestBegan() }
            relayRequests()
        case .down:
            proxy.count { $0.replyBytes += bytes.readableBytes }
            guard !isOpaque else { return send(bytes, .down) }
            down.received.writeImmutableBuffer(bytes)
            relayReplies()
        }
    }

    private func relayRequests() {
        do {
            while let frame = try up.next() {
                if up.received.readableBytes > 0 { trips.requestBegan() }
                requests += 1
                let command = Self.command(of: frame)
                let fault = proxy.plan(request: requests, command: command, connection: number)
                perform(machine.request(frame, fault))
                if ["PSYNC", "SYNC", "MONITOR"].contains(command) { return becomeOpaque() }
            }
        } catch {
            becomeOpaque()
        }
    }

    private func relayReplies() {
        do {
            while let frame = try down.next() {
                proxy.count { $0.replies += 1 }
                perform(machine.reply(frame))
            }
        } catch {
            becomeOpaque()
        }
    }

    private func becomeOpaque() {
        isOpaque = true
        for (bytes, direction) in [(up.received, FaultProxy.Direction.up), (down.received, .down)] {
            if bytes.readableBytes > 0 { send(bytes, direction) }
        }
        (up.received, down.received) = (ByteBuffer(), ByteBuffer())
    }

    private func perform(_ actions: [RelayStateMachine.Action]) {
        for action in actions {
            switch action {
            case .up(let bytes): send(bytes, .up)
            case .down(let bytes, let time): send(bytes, .down, after: time, isReply: true)
            case .end(let ending): enqueue(.end(ending), .down)
            }
        }
    }

    private func send(
        _ bytes: ByteBuffer,
        _ direction: FaultProxy.Direction,
        after time: Duration = .zero,
        isReply: Bool = false
    ) {
        let shape = proxy.shape(of: direction)
        guard !shape.isBlackHole, !isSilenced else {
            return proxy.count { $0.swallowedBytes += bytes.readableBytes }
        }
        with(direction) { lane in
            let pieces = lane.pace.pieces(of: bytes, now: .now(), extra: time, shape: shape)
            for (index, piece) in pieces.enumerated() {
                let endsReply = isReply && index == pieces.count - 1
                lane.queue.append((piece.due, .bytes(piece.bytes, endsReply: endsReply)))
            }
            lane.queuedBytes += bytes.readableBytes
        }
        pump(direction)
    }

    private func enqueue(_ item: Item, _ direction: FaultProxy.Direction) {
        with(direction) { $0.queue.append(($0.queue.last?.due ?? .now(), item)) }
        pump(direction)
    }

    /// Sends the pieces that are due, and schedules the next one.
    func pump(_ direction: FaultProxy.Direction) {
        let target = direction == .up ? server : client
        let shape = proxy.shape(of: direction)
        while let first = with(direction, { $0.queue.first }), !shape.isHeld {
            guard first.due <= .now() else { return schedule(direction, at: first.due) }
            with(direction) { _ = $0.queue.removeFirst() }
            switch first.item {
            case .bytes(let bytes, let endsReply):
                if endsReply, trips.replyPassed() { proxy.count { $0.roundTrips += 1 } }
                with(direction) { $0.queuedBytes -= bytes.readableBytes }
                target?.writeAndFlush(bytes, promise: nil)
                // The next piece in another turn of the loop, so that it is another packet.
                if shape.sliceBytes != nil, with(direction, { !$0.queue.isEmpty }) {
                    return schedule(direction, at: .now() + .microseconds(50))
                }
            case .end(let ending): end(ending)
            }
        }
        let source = direction == .up ? client : server
        let isFull = with(direction) { $0.queuedBytes > Self.mark }
        guard isFull != with(direction, { $0.isFull }) else { return }
        with(direction) { $0.isFull = isFull }
        source?.setOption(.autoRead, value: !isFull).whenFailure { _ in }
    }

    private func schedule(_ direction: FaultProxy.Direction, at due: NIODeadline) {
        guard with(direction, { !$0.isScheduled }) else { return }
        with(direction) { $0.isScheduled = true }
        let relay = NIOLoopBound(self, eventLoop: client.eventLoop)
        client.eventLoop.scheduleTask(deadline: due) {
            relay.value.with(direction) { $0.isScheduled = false }
            relay.value.pump(direction)
        }
    }

    private func with<Result>(_ direction: FaultProxy.Direction, _ body: (inout Lane) -> Result) -> Result {
        direction == .up ? body(&up) : body(&down)
    }

    /// Ends a direction whose source has ended, after all that was sent before.
    func ended(_ direction: FaultProxy.Direction) {
        let isLost = isSilenced || proxy.shape(of: direction).isBlackHole
        guard !isLost, with(direction, { !$0.isEnded }) else { return }
        with(direction) { $0.isEnded = true }
        enqueue(.end(.close), direction)
    }

    /// Ends both connections; the future completes when they have ended.
    @discardableResult
    func end(_ ending: RequestFault.Ending) -> EventLoopFuture<Void> {
        (up.queue, down.queue) = ([], [])
        let number = number
        let proxy = proxy
        let ends = [client, server].compactMap(\.self)
            .map { channel in
                if ending == .reset, channel.localAddress?.port != nil,
                    let options = channel as? any SocketOptionProvider
                {
                    options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                        .whenComplete { _ in channel.close(promise: nil) }
                } else {
                    channel.close(promise: nil)
                }
                return channel.closeFuture
            }
        let ended = EventLoopFuture.andAllComplete(ends, on: client.eventLoop)
        ended.whenComplete { _ in proxy.closed(number) }
        return ended
    }

    /// Swallows bytes and ends in both directions from now on, including those on their way.
    func silence() {
        (up.queue, down.queue) = ([], [])
        isSilenced = true
    }

    /// Ends one direction: its target reads an end, and can still send.
    func halfClose(_ direction: FaultProxy.Direction) -> EventLoopFuture<Void> {
        let target = direction == .up ? server : client
        return target?.close(mode: .output) ?? client.eventLoop.makeSucceededVoidFuture()
    }

    private static func command(of frame: ByteBuffer) -> String {
        var frame = frame
        guard let reply = RedisReply(frame: &frame), case .bytes(let name)? = reply.values.first else { return "" }
        return String(buffer: name).uppercased()
    }
}

/// One side of a connection through a proxy.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let relay: Relay
    /// The direction of the bytes that are read here.
    private let direction: FaultProxy.Direction

    init(_ relay: Relay, _ direction: FaultProxy.Direction) {
        self.relay = relay
        self.direction = direction
    }

    func channelActive(context: ChannelHandlerContext) {
        if direction == .up { relay.begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        relay.read(unwrapInboundIn(data), direction)
    }

    func channelInactive(context: ChannelHandlerContext) {
        relay.ended(direction)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
