@_spi(Benchmark)
extension EncodedBatch {
    /// Encodes a batch that follows a position, for the benchmarks alone; nothing of it is promised to anybody.
    ///
    /// Outside of them nobody encodes a batch but the session that made it.
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
