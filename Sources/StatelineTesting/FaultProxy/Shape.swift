internal import NIOCore

extension FaultProxy {
    /// A direction of bytes.
    public enum Direction: CaseIterable, Hashable, Sendable {
        /// From the client to the server.
        case up
        /// From the server to the client.
        case down
    }

    /// The shape of the traffic in one direction.
    public struct Shape: Hashable, Sendable {
        /// The delay of each chunk.
        public var latency: Duration = .zero
        /// The variation of the delay, up and down; chunks do not overtake each other.
        public var jitter: Duration = .zero
        /// The maximum number of bytes a second; unlimited by default.
        public var bytesPerSecond: Int?
        /// The maximum number of bytes in one write; the next are sent in the next turn of the event loop.
        public var sliceBytes: Int?
        /// `true` if bytes and ends are lost without an error, as in a failed network.
        public var isBlackHole = false
        /// `true` if bytes and ends wait until this is `false` again, as in a network that recovers.
        public var isHeld = false

        /// Makes a shape that passes everything at once.
        public init() {}
    }
}

/// The times at which the chunks of one direction are due.
struct Pace {
    private var random: SeededGenerator
    /// The time at which the last chunk is due.
    private var last = NIODeadline.uptimeNanoseconds(0)

    init(seed: UInt64) {
        self.random = SeededGenerator(seed: seed)
    }

    /// Cuts a chunk into pieces, each with the time at which it is due, which is never before that of an earlier piece.
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
    /// The duration in nanoseconds, truncated.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
