internal import ArgumentParser
internal import AsyncHTTPClient
internal import Measurement
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Compares ways to hand AsyncHTTPClient a body of several chunks.
///
/// Measures the CPU time of the client's process alone: the server has its own.
struct TransportTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transport",
        abstract: "CPU to send a body: joined per call, streamed by chunk, or contiguous beforehand."
    )

    @OptionGroup var options: RunOptions

    func run() async throws {
        let server = try DiscardServerProcess()
        let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup)
        let result: Result<[Report.Case], any Error>
        do {
            var cases: [Report.Case] = []
            for size in [16 << 10, 256 << 10, 1 << 20, 4 << 20, 10 << 20] {
                cases += try await compare(bodyOf: size, client: client, port: server.port)
            }
            result = .success(cases)
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        try server.stop()
        try options.finish(Report(result.get()))
    }

    /// Measures all ways of sending a body of one size.
    private func compare(bodyOf size: Int, client: HTTPClient, port: Int) async throws -> [Report.Case] {
        let body = TransportBody(size: size)
        let calls = max(4, (options.quick ? 4 << 20 : 64 << 20) / (size + (64 << 10)))
        var samples = Samples<TransportBody.Sending>(seed: options.seed)
        let measure = { (sending: TransportBody.Sending) async throws -> Double in
            let start = CPUClock.now
            for _ in 0..<calls {
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
                request.method = .POST
                request.body = body.httpBody(sending)
                let response = try await client.execute(request, timeout: .seconds(30))
                _ = try await response.body.collect(upTo: 1)
            }
            return (CPUClock.now - start).nanoseconds / Double(calls) / 1_000
        }
        for sending in TransportBody.Sending.allCases { _ = try await measure(sending) }
        let blocks = options.quick ? 10 : 30
        for block in 1...blocks {
            Progress.print("transport, \(size >> 10) KiB: block \(block) of \(blocks), \(calls) calls a run")
            try await samples.runBlock(TransportBody.Sending.allCases, measure: measure)
        }
        return TransportBody.Sending.allCases.filter { $0 != .contiguous }
            .map { sending in
                Report.Case(
                    name: "\(size >> 10) KiB \(sending.rawValue)",
                    peer: "contiguous beforehand",
                    ours: samples.mean(of: sending),
                    theirs: samples.mean(of: .contiguous),
                    unit: "us CPU a call",
                    ratio: samples.ratio(of: sending, to: .contiguous)
                )
            }
    }
}

/// A request body in the forms that a transport could get.
struct TransportBody {
    /// A way to send a body.
    enum Sending: String, CaseIterable {
        /// The chunks are joined into one buffer for each call.
        case joined = "joined per call"
        /// The same, as a stream of one piece, whose pull tells when there is a connection.
        case joinedStream = "joined per call, streamed"
        /// The chunks are sent one after the other, as a session's rendering leaves them.
        case streamed = "streamed, as rendered"
        /// The chunks are sent one after the other, 32 of them.
        case streamedEvenly = "streamed, 32 even chunks"
        /// Long chunks are sent as they are, and short neighbours are joined.
        case grouped = "streamed, short chunks joined"
        /// The body is one buffer before the call begins: no work but sending is left.
        case contiguous = "contiguous beforehand"
    }

    private let rendered: [ByteBuffer]
    private let even: [ByteBuffer]
    private let whole: ByteBuffer

    /// Makes a body of appends of 1 KiB.
    ///
    /// A rendering joins four chunks of one level into one of the next. One append less than the size and the closing
    /// parameters after it make the most chunks that a size can have.
    init(size: Int) {
        var rendered: [Int] = []
        var (appends, unit) = (size / 1_024 - 1, 1_024)
        while appends > 0 {
            rendered = Array(repeating: unit, count: appends % 4) + rendered
            (appends, unit) = (appends / 4, unit * 4)
        }
        rendered.append(1_024)
        self.rendered = rendered.map { ByteBuffer(repeating: UInt8(ascii: "a"), count: $0) }
        self.even = (0..<32).map { _ in ByteBuffer(repeating: UInt8(ascii: "a"), count: size / 32) }
        self.whole = ByteBuffer(repeating: UInt8(ascii: "a"), count: size)
    }

    /// Returns the body as the client takes it.
    func httpBody(_ sending: Sending) -> HTTPClientRequest.Body {
        switch sending {
        case .joined: return .bytes(Self.joining(rendered[...]))
        case .joinedStream: return stream([Self.joining(rendered[...])])
        case .streamed: return stream(rendered)
        case .streamedEvenly: return stream(even)
        case .grouped: return stream(Self.joiningShort(rendered))
        case .contiguous: return .bytes(whole)
        }
    }

    private static func joining(_ chunks: ArraySlice<ByteBuffer>) -> ByteBuffer {
        var joined = ByteBufferAllocator().buffer(capacity: chunks.reduce(0) { $0 + $1.readableBytes })
        for chunk in chunks { joined.writeImmutableBuffer(chunk) }
        return joined
    }

    /// Returns the same bytes in fewer chunks: neighbours of less than 512 KiB are joined.
    private static func joiningShort(_ chunks: [ByteBuffer]) -> [ByteBuffer] {
        var grouped: [ByteBuffer] = []
        var rest = chunks[...]
        while let chunk = rest.first {
            let short = rest.prefix { $0.readableBytes < 512 << 10 }
            guard short.count > 1 else {
                grouped.append(chunk)
                rest.removeFirst()
                continue
            }
            grouped.append(joining(short))
            rest = rest[short.endIndex...]
        }
        return grouped
    }

    private func stream(_ chunks: [ByteBuffer]) -> HTTPClientRequest.Body {
        .stream(Chunks(chunks: chunks), length: .known(Int64(whole.readableBytes)))
    }

    private struct Chunks: AsyncSequence, Sendable {
        let chunks: [ByteBuffer]

        func makeAsyncIterator() -> Iterator { Iterator(rest: chunks[...]) }

        struct Iterator: AsyncIteratorProtocol {
            var rest: ArraySlice<ByteBuffer>

            mutating func next() async -> ByteBuffer? { rest.popFirst() }
        }
    }
}
