public import NIOCore
public import Stateline

/// What goes over a connection and what comes back, without a connection: for the benchmarks alone; nothing of it is
/// promised to anybody.
@_spi(Benchmark)
public final class WireProbe {
    /// Sends nothing.
    private struct Nobody: RedisSender {
        func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue { .null }
    }

    private let store = RedisStore(sender: Nobody())
    private let reader = RESPReader()

    /// Makes a probe.
    public init() {}

    /// Encodes what ``RedisStore/append(_:to:expecting:)`` sends for a batch that is not a session's first.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - key: The session.
    ///   - position: The position that is expected.
    /// - Returns: The command.
    /// - Complexity: O(*n*) in the size of the batch.
    public func encodeCommit(of batch: EncodedBatch, to key: SessionKey, expecting position: Position) -> ByteBuffer {
        let parameters = store.parameters(expecting: position, before: batch.position)
        var call = ScriptCall(store.script, .commit, StoredKeys(key, in: store.namespace), parameters: parameters)
        call.batch = (batch.bytes, store.layout)
        var encoder = CommandEncoder()
        call.request(store.nonce(), isKnown: true).encode(&encoder)
        return encoder.buffer
    }

    /// Parses what came over a connection.
    ///
    /// - Parameter bytes: What came.
    /// - Returns: How many replies were whole.
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
