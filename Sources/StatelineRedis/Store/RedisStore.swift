internal import NIOCore
public import Stateline
internal import Synchronization

/// A store of record in Redis: a guard and a log for each session, in one slot.
///
/// ## Commits
///
/// One constant script does all writes, so that each happens whole or not at all. It compares the whole position,
/// digest included, appends, and refreshes the session's time, in one round trip. Each answer names its request by a
/// nonce.
///
/// An operation makes one attempt and reports what it knows in `StoreError.committed`. Below it, the client sends a
/// request again as long as that is safe and may help, until the operation's deadline: an operation takes at most
/// `timeout`, plus two times the timeout for replicas. To append the same batch again is always safe.
///
/// ## Reads
///
/// A reader without a position gets the log with one round trip up to 8 MiB, and one more for each further 8 MiB and
/// for the logs that a fork shares, over a connection for large replies. A reader with a position gets the batches
/// after it. The digests are checked from the first batch to the last: if the server lost, cut or changed anything, the
/// load is `StoreError.Reason.corrupt`, never a shorter log.
///
/// ## Time
///
/// Each operation compares lifetimes with the server's clock exactly, whether or not the server has deleted the keys. A
/// small guard outlives the log by the retention, so that expired, deleted and evicted sessions differ from absent
/// ones. The lifetime of a session is that of the store that wrote its newest batch, or renewed a lease since.
public final class RedisStore: SessionStore {
    let sender: any RedisSender
    let lifetime: Lifetime?
    let retention: Duration
    let acknowledgement: Acknowledgement
    let timeout: Duration
    /// The namespace of all keys; `nil` for none.
    let namespace: RedisNamespace?
    /// `true` to accept servers that may evict live sessions.
    let acceptsEviction: Bool
    /// The maximum number of bytes of logs that are asked for in one round trip.
    let pieceSize: Int
    private let nonces: Atomic<UInt64>

    /// Makes a store over a sender of requests.
    ///
    /// - Parameters:
    ///   - sender: Sends the requests.
    ///   - lifetime: The lifetime of sessions that this store commits to; `nil` for ever.
    ///   - retention: The time for which the store remembers that a session was deleted or has expired.
    ///   - acknowledgement: The replicas that a commit waits for.
    ///   - timeout: The maximum time that an operation takes, without the wait for replicas.
    ///   - acceptsEviction: `true` if servers may evict live sessions; the sender refuses such servers otherwise.
    ///   - namespace: The namespace of all keys; `nil` for none.
    ///   - pieceSize: The maximum number of bytes of logs that are asked for in one round trip.
    init(
        sender: any RedisSender,
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        acknowledgement: Acknowledgement = .primary,
        timeout: Duration = .seconds(10),
        acceptsEviction: Bool = true,
        namespace: RedisNamespace? = nil,
        pieceSize: Int = 8 << 20
    ) {
        precondition(
            retention >= .zero && timeout > .zero,
            "retention must not be negative, and timeout must be positive"
        )
        self.sender = sender
        self.lifetime = lifetime
        self.retention = retention
        self.acknowledgement = acknowledgement
        self.timeout = timeout
        self.acceptsEviction = acceptsEviction
        self.namespace = namespace
        self.pieceSize = pieceSize
        self.nonces = Atomic(.random(in: .min ... .max))
    }

    /// The timeout, and twice that of replicas if commits wait for them.
    public var timeLimit: Duration? {
        guard case .replicas(_, let replicaTimeout) = acknowledgement else { return timeout }
        return timeout + replicaTimeout * 2
    }

    /// The deadline of an operation that begins now.
    var deadline: NIODeadline { .now() + TimeAmount(timeout) }

    /// Returns a number that no other request of this store has, and most probably none of another store.
    func nonce() -> UInt64 {
        nonces.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
    }

    /// Returns the parameters of a creation or a fork: the expected position, and the lifetime.
    func parameters(expecting position: Position) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 66)
        buffer.writeFingerprint(of: position)
        writeLifetime(to: &buffer)
        return buffer
    }

    /// Returns the parameters of a commit: the expected position, and the lifetime.
    ///
    /// The batch contains the incarnation. The parameters repeat it only if it differs, as that of an ancestor does.
    func parameters(expecting position: Position, before batch: Position) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 66)
        position.digest.write(to: &buffer)
        if lifetime != nil { writeLifetime(to: &buffer) }
        if position.incarnation != batch.incarnation { buffer.writeInteger(position.incarnation.rawValue) }
        return buffer
    }

    /// Writes the lifetime of sessions that this store commits to, and its retention.
    func writeLifetime(to buffer: inout ByteBuffer) {
        buffer.writeMilliseconds(lifetime?.idle)
        buffer.writeMilliseconds(lifetime?.absolute)
        buffer.writeMilliseconds(retention)
    }
}
