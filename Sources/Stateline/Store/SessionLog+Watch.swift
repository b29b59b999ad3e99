extension SessionLog {
    /// Makes a request that a deadline ends, and the cancellation of the current task only if it is not shielded.
    ///
    /// A request that ignores its cancellation is left behind a tenth of a second later: it keeps its own memory, and its
    /// result is dropped.
    ///
    /// - Parameters:
    ///   - deadline: The time at which the request is cancelled, on the log's clock; `nil` for none.
    ///   - isShielded: `true` to let the request go on although the task is cancelled.
    ///   - error: The error of a request that is left behind.
    ///   - request: The request.
    /// - Returns: The result of the request.
    /// - Throws: ``StoreError``: that of the request, or `error`.
    func watched<Value: Sendable>(
        until deadline: Duration?,
        isShielded: Bool,
        leaving error: StoreError,
        _ request: @escaping @Sendable () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let outcome = OneShot<Result<Value, StoreError>>()
        let attempt = Task {
            do throws(StoreError) {
                outcome.give(.success(try await request()))
            } catch {
                outcome.give(.failure(error))
            }
        }
        @Sendable func leave() async {
            attempt.cancel()
            try? await Task.sleep(for: Self.grace)
            outcome.give(.failure(error))
        }
        let limit = deadline.map { deadline in
            Task {
                do { try await clock.sleep(for: (deadline - now()).asPause) } catch { return }
                await leave()
            }
        }
        defer { limit?.cancel() }
        guard !isShielded else { return try await outcome.value().get() }
        let result = await withTaskCancellationHandler {
            await outcome.value()
        } onCancel: {
            Task { await leave() }
        }
        return try result.get()
    }

    /// The time that a cancelled request has to tell its outcome.
    static var grace: Duration { .milliseconds(100) }
}
