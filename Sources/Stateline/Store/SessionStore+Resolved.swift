/// How often a batch with an unknown outcome is sent before the caller is told.
private let attemptLimit = 3

extension SessionStore {
    /// Appends a batch and does not rest at an unknown outcome: the same batch is sent again, which is safe, and tells.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - key: Its session.
    ///   - position: What it follows.
    ///   - isShielded: Whether the store is asked although the task is cancelled. If not, the outcome of an attempt that
    ///     the cancellation ended stays unknown.
    /// - Returns: What became of the batch, and how many round trips it took.
    /// - Throws: ``StoreError``. Once the outcome of one attempt is unknown it stays so whatever later ones fail with: that
    ///   they were not committed says nothing of it.
    func appendResolved(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position,
        isShielded: Bool = true
    ) async throws(StoreError) -> (result: AppendResult, roundTrips: Int) {
        var attempts = 0
        var mayBeCommitted = false
        while true {
            attempts += 1
            do throws(StoreError) {
                // Once the task is cancelled a store may refuse to work for it; what was begun has to be known all the same.
                let result =
                    isShielded && (attempts > 1 || Task.isCancelled)
                    ? try await uncancelled { () async throws(StoreError) in
                        try await self.append(batch, to: key, expecting: position)
                    }
                    : try await append(batch, to: key, expecting: position)
                return (result, attempts)
            } catch {
                if error.committed == .unknown { mayBeCommitted = true }
                guard mayBeCommitted, error.committed != .yes else { throw error }
                guard attempts < attemptLimit, isShielded || !Task.isCancelled else {
                    throw StoreError(error.reason, committed: .unknown, message: error.message)
                }
            }
        }
    }
}

/// Runs something to its end although the current task is cancelled.
///
/// This is the library's one unstructured task that outlives nothing: it is awaited here, and exists only because a
/// cancelled task has no other way to do the little that it owes.
private func uncancelled<R: Sendable>(
    _ body: @escaping @Sendable () async throws(StoreError) -> R
) async throws(StoreError) -> R {
    let outcome = await Task {
        do throws(StoreError) { return Result<R, StoreError>.success(try await body()) } catch {
            return .failure(error)
        }
    }
    .value
    return try outcome.get()
}
