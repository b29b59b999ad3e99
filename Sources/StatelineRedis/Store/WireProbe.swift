public import NIOCore
public import Stateline

/// Encodes requests and parses replies without a connection, for benchmarks only; it may change at any time.
@_spi(Benchmark)
public final class WireProbe {
    /// A sender without a server.
    private struct NoSender: RedisSender {
        func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue { .null }
    }

    private let store = RedisStore(sender: NoSender())
    private let reader = RESPReader()

    /// Makes a probe.
    public init() {}

    /// Encodes the request of ``RedisStore/append(_:to:expecting:)`` for a batch that is not a session's first.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - key: The session.
    ///   - position: The expected position.
    /// - Returns: The command.
    /// - Complexity: O(*n*) in the size of the batch.
    public func encodeCommit(of batch: EncodedBatch, to key: SessionKey, expecting position: Position) -> ByteBuffer {
        let parameters = store.parameters(expecting: position, before: batch.position)
        var call = ScriptCall(.commit, StoredKeys(key, in: store.namespace), parameters: parameters)
        call.batch = batch.bytes
        var encoder = CommandEncoder()
        call.request(store.nonce(), isKnown: true).encode(&encoder)
        return encoder.buffer
    }

    /// Parses bytes from a connection.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: The number of complete replies.
    /// - Complexity: O(*n*) in the bytes.
    public func parse(_ bytes: ByteBuffer) -> Int {
        var count = 0
        do {
            try reader.read(bytes) { _ in
                count += 1
                return true
            }
        } catch {
            return -1
        }
        return count
    }
}
