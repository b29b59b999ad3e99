internal import NIOCore

extension FaultProxy {
    /// A direction of bytes.
    public enum Direction: CaseIterable, Hashable, Sendable {
        /// From the client to the server.
        case up
        /// From the server to the client.
        case down
    }

    /// How bytes of one direction travel.
    public struct Shape: Hashable, Sendable {
        /// How long each chunk takes.
        public var latency: Duration = .zero
        /// By how much that varies, up and down; chunks do not overtake each other.
        public var jitter: Duration = .zero
        /// The most bytes a second; no limit by default.
        public var bytesPerSecond: Int?
        /// The most bytes that are sent at once; the next are sent when the event loop comes round again.
        public var sliceBytes: Int?
        /// Whether bytes and ends are taken and lost: a network that has failed, where nobody is told.
        public var isBlackHole = false
        /// Whether bytes and ends wait until this is `false` again: a network that has failed and will be mended.
        public var isHeld = false

        /// Makes one that passes everything at once.
        public init() {}
    }
}

/// When the chunks of one direction are due.
struct Pace {
    private var random: SeededGenerator
    /// When the last chunk is due.
    private var last = NIODeadline.uptimeNanoseconds(0)

    init(seed: UInt64) {
        self.random = SeededGenerator(seed: seed)
    }

    /// Cuts a chunk and says when each piece is due: never before the one in front of it.
    mutating func pieces(
        of chunk: ByteBuffer,
        now: NIODeadline,
        extra: Duration = .zero,
        shape: FaultProxy.Shape
    ) -> [(due: NIODeadline, bytes: ByteBuffer)] {
        let spread = shape.jitter.nanoseconds
        let jitter = spread > 0 ? Int64.random(in: -spread...spread, using: &random) : 0
        let delay = max(0, shape.latency.nanoseconds + jitter) + extra.nanoseconds
        last = max(last, now + .nanoseconds(delay))
        var (chunk, pieces) = (chunk, [(due: NIODeadline, bytes: ByteBuffer)]())
        while chunk.readableBytes > 0 {
            let count = min(chunk.readableBytes, max(1, shape.sliceBytes ?? .max))
            guard let piece = chunk.readSlice(length: count) else { break }
            if let rate = shape.bytesPerSecond {
                last = last + .nanoseconds(Int64(count) * 1_000_000_000 / Int64(max(1, rate)))
            }
            pieces.append((last, piece))
        }
        return pieces
    }
}

extension Duration {
    /// The duration in nanoseconds, cut.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
