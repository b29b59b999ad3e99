internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// An HTTP server that reads request bodies, keeps nothing and answers "200 OK".
///
/// It runs in a process of its own, so that its CPU time is not counted as the client's, and ends when its standard
/// input does.
struct DiscardServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard-server",
        abstract: "Serves the transport comparison; prints its port.",
        shouldDisplay: false
    )

    func run() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(DiscardHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        print(channel.localAddress?.port ?? 0)
        fflush(nil)
        while readLine() != nil {}
        try await channel.close()
    }
}

private final class DiscardHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// A running ``DiscardServer``.
struct DiscardServerProcess {
    private let process = Process()
    private let input = Pipe()
    /// The port on loopback.
    let port: Int

    /// Starts a server and waits until it listens.
    init() throws {
        let output = Pipe()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = ["discard-server"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.split(separator: "\n").first ?? "") else {
            throw ValidationError("the server did not start: \(line.debugDescription)")
        }
        self.port = port
    }

    /// Ends the server and waits until it has ended.
    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
