#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore

/// One connection of a ``ScriptedServer``: cuts the received bytes into requests and plays an answer to each.
final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: ScriptedServer
    private var received = ByteBuffer()
    private var steps: [ScriptedAnswer.Step] = []

    init(_ server: ScriptedServer) {
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        server.opened(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let request = takeRequest() {
            steps += server.answer(to: request).steps
            play(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        play(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Takes a whole request: a head with a body of the length that it gives, or the greeting of TLS.
    private func takeRequest() -> ByteBuffer? {
        if received.getInteger(at: received.readerIndex, as: UInt8.self) == 0x16 {
            return received.readSlice(length: received.readableBytes)
        }
        guard let end = received.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let headLength = end.upperBound - received.readerIndex
        let head = received.getString(at: received.readerIndex, length: headLength) ?? ""
        let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let bodyLength = field.flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter { !$0.isWhitespace }) } ?? 0
        return received.readSlice(length: headLength + bodyLength)
    }

    /// Performs the steps that are possible now.
    ///
    /// A step leaves the list before it is performed, because writing can call back into this function.
    private func play(_ context: ChannelHandlerContext) {
        while let step = steps.first {
            if case .sendRepeatedly(let bytes, let count) = step, count > 1 {
                guard context.channel.isWritable else { return }
                steps[0] = .sendRepeatedly(bytes, count: count - 1)
            } else {
                steps.removeFirst()
            }
            switch step {
            case .send(let bytes), .sendRepeatedly(let bytes, _): send(bytes, context)
            case .close: context.close(promise: nil)
            case .reset: reset(context.channel)
            }
        }
    }

    /// Closes without lingering, so that the peer sees a reset.
    private func reset(_ channel: any Channel) {
        let now = linger(l_onoff: 1, l_linger: 0)
        (channel as? any SocketOptionProvider)?.setSoLinger(now).whenComplete { _ in channel.close(promise: nil) }
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        server.sent(bytes.readableBytes)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
