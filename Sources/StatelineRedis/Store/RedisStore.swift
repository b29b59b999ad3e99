internal import NIOCore
public import Stateline
internal import Synchronization

/// A store of record in Redis: a guard and a log for each session, in one slot.
///
/// ## Commits
///
/// Everything that writes is one constant script, so that it happens whole or not at all: it compares the whole position,
/// digest included, appends, and refreshes the session's time, in one round trip. Each answer names its request by a
/// nonce. All of it is safe to send again, and is sent again after any loss of an answer until the deadline.
///
/// ## Reads
///
/// A reader who holds nothing gets what there is with one round trip up to 8 MiB, and one more for each further 8 MiB
/// and for the logs that a fork shares, all on a connection for large replies. A reader who holds a position gets what
/// is missing. The digests of what comes are checked from the first batch to the last: what the server lost, cut or
/// changed is `StoreError.Reason.corrupt`, never a shorter log.
///
/// ## Time
///
/// Lifetimes are judged by the server's clock, at every operation, exactly, whatever it has deleted by then. A small
/// guard outlives the log by the retention, so that expired, deleted and evicted are told from absent. A session's time
/// is what the store says that wrote its newest batch.
public final class RedisStore: SessionStore {
    let sender: any RedisSender
    let layout: LogLayout
    let script: Script
    let lifetime: Lifetime?
    let retention: Duration
    let acknowledgement: Acknowledgement
    let timeout: Duration
    /// The namespace of all keys; `nil` for none.
    let namespace: RedisNamespace?
    /// `true` if servers that may delete live sessions are accepted.
    let acceptsEviction: Bool
    /// The most bytes of logs that are asked for in one round trip.
    let pieceSize: Int
    private let nonces: Atomic<UInt64>

    /// Makes a store of whatever sends requests.
    ///
    /// - Parameters:
    ///   - sender: What sends requests.
    ///   - lifetime: How long sessions live that this store commits to; `nil` for ever.
    ///   - retention: How long it is remembered that a session was deleted or has expired.
    ///   - acknowledgement: How far a commit has to get.
    ///   - timeout: How long an operation may take, what replicas are waited for aside.
    ///   - acceptsEviction: `true` if servers may delete live sessions; the sender is what refuses them.
    ///   - namespace: The namespace of all keys; `nil` for none.
    ///   - layout: How logs lie.
    ///   - pieceSize: The most bytes of logs that are asked for in one round trip.
    init(
        sender: any RedisSender,
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        acknowledgement: Acknowledgement = .primary,
        timeout: Duration = .seconds(10),
        acceptsEviction: Bool = true,
        namespace: RedisNamespace? = nil,
        layout: LogLayout = .string,
        pieceSize: Int = 8 << 20
    ) {
        precondition(retention >= .zero && timeout > .zero, "bounds are not negative")
        self.sender = sender
        self.layout = layout
        self.script = StoreScript.of(layout)
        self.lifetime = lifetime
        self.retention = retention
        self.acknowledgement = acknowledgement
        self.timeout = timeout
        self.acceptsEviction = acceptsEviction
        self.namespace = namespace
        self.pieceSize = pieceSize
        self.nonces = Atomic(.random(in: .min ... .max))
    }

    /// When an operation that begins now ends.
    var deadline: NIODeadline { .now() + TimeAmount(timeout) }

    /// A number that no other request of this store has, and hardly one of another's.
    func nonce() -> UInt64 {
        nonces.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
    }

    /// What a creation and a fork are told of the position that is expected, and of the time that they give.
    func parameters(expecting position: Position) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 66)
        buffer.writePlace(position)
        writeLifetime(to: &buffer)
        return buffer
    }

    /// What a commit is told of the position that is expected, and of the time that it gives.
    ///
    /// The batch says the incarnation as well: it is told again only where it is another one, as that of an ancestor is.
    func parameters(expecting position: Position, before batch: Position) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 66)
        position.digest.write(to: &buffer)
        if lifetime != nil { writeLifetime(to: &buffer) }
        if position.incarnation != batch.incarnation { buffer.writeInteger(position.incarnation.rawValue) }
        return buffer
    }

    private func writeLifetime(to buffer: inout ByteBuffer) {
        buffer.writeMilliseconds(lifetime?.idle)
        buffer.writeMilliseconds(lifetime?.absolute)
        buffer.writeMilliseconds(retention)
    }
}

extension ByteBuffer {
    /// Writes a time in milliseconds, rounded up; for no end, the greatest.
    mutating func writeMilliseconds(_ duration: Duration?) {
        guard let (seconds, attoseconds) = duration?.components else { return writeSixBytes(.max) }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let (product, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        let rest = (attoseconds + perMillisecond - 1) / perMillisecond
        writeSixBytes(isOverflow ? .max : UInt64(product + rest))
    }
}
