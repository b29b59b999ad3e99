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
