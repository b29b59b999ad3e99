extension Boundary {
    /// Appends a batch, and notes whether the store answered.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - key: Its session.
    ///   - position: What it follows.
    ///   - isShielded: Whether the store is to be asked although the task is cancelled.
    /// - Returns: What became of the batch, and the number of round trips.
    /// - Throws: ``StoreError``, as ``SessionStore`` says.
    func send(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position,
        isShielded: Bool = true
    ) async throws(StoreError) -> (result: AppendResult, roundTrips: Int) {
        do throws(StoreError) {
            let answer = try await store.appendResolved(batch, to: key, expecting: position, isShielded: isShielded)
            keeper.storeAnswered()
            return answer
        } catch {
            keeper.storeFailed(error)
            throw error
        }
    }

    /// Loads what follows a position, and notes whether the store answered.
    ///
    /// - Throws: ``StoreError``, as ``SessionStore`` says.
    func fetch(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        do throws(StoreError) {
            let result = try await store.load(key, after: position)
            keeper.storeAnswered()
            return result
        } catch {
            keeper.storeFailed(error)
            throw error
        }
    }
}
