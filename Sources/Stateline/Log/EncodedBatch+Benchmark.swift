@_spi(Benchmark)
extension EncodedBatch {
    /// Encodes a batch that follows a position: for the benchmarks alone, and without a promise of stability.
    ///
    /// In the product only the session that makes a batch encodes it.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - head: Its head.
    ///   - previous: The position.
    /// - Returns: The stored form.
    /// - Complexity: O(*n*) in the size of the batch.
    public static func encoding(_ batch: Batch, head: Head, after previous: Position) -> EncodedBatch {
        EncodedBatch(batch, head: head, after: previous)
    }
}

/// A batch of a session with keys: for the benchmarks alone, and without a promise of stability.
@_spi(Benchmark)
public struct SealedBatch: Sendable {
    private let batch: Batch
    private let head: Head
    private let previous: Position
    private let cipher: SessionCipher

    /// Prepares a batch that is not the first one with its key.
    ///
    /// - Throws: ``SealError`` if there is no key ring.
    public init(
        _ batch: Batch,
        head: Head,
        after previous: Position,
        of key: SessionKey,
        keys: any KeyRingProvider
    ) throws(SealError) {
        self.batch = batch
        self.head = head
        self.previous = previous
        self.cipher = try SessionCipher(of: key, from: keys).sealing(1)
    }

    /// Encodes and seals the batch.
    public func encoding() -> EncodedBatch {
        EncodedBatch(batch, head: head, after: previous, cipher: cipher.sealing(head.revision))
    }

    /// Opens and decodes a stored batch.
    ///
    /// - Throws: `LogError` if it is another one.
    public func decoding(_ encoded: EncodedBatch) throws -> Batch {
        try encoded.opened(by: cipher, after: previous).batch
    }
}
