import Glibc
import NIOCore
import NIOPosix

/// Something that listens on a port and is no Redis.
enum Listener {
    /// Runs one that says the same to everybody; `nil` says nothing.
    static func run(answering text: String?, _ body: (Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                guard let text else { return channel.eventLoop.makeSucceededVoidFuture() }
                return channel.pipeline.addHandler(Greeting(text))
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        do {
            try await body(channel.localAddress?.port ?? 0)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    /// Runs one that takes nobody, and whose queue is full: the system drops whoever asks.
    static func full(_ body: (Int) async throws -> Void) async throws {
        let listener = try stream()
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        guard unsafe withAddress(&address, { unsafe bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0 else {
            throw IOError(errnoCode: errno, reason: "bind")
        }
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(listener, $0, &size) }
        }
        guard isNamed == 0 else { throw IOError(errnoCode: errno, reason: "getsockname") }
        let clients = try (0..<4).map { _ in try stream() }
        defer { for client in clients { close(client) } }
        for client in clients { _ = unsafe withAddress(&address) { unsafe connect(client, $0, $1) } }
        try await body(Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func stream() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        return descriptor
    }

    private static func withAddress(
        _ address: inout sockaddr_in,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        // Safety: the address outlives the call, which keeps no pointer.
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Sends a text once the connection stands: a write before that would wait for it forever.
private final class Greeting: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
