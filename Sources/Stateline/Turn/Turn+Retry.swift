extension Turn {
    /// The time that is left of the turn; `nil` if it has no limit.
    var timeLeft: Duration? { session.configuration.turnTimeout.map { $0.bounded - stopwatch.elapsed } }

    /// `true` if the turn's time has passed.
    var isOverdue: Bool { timeLeft.map { $0 <= .zero } ?? false }

    /// Returns the next attempt at the call that has just failed; `nil` if the call is not made again.
    func nextAttempt() -> CallRetry? {
        var generator = SystemRandomNumberGenerator()
        guard let error = attempt.previousError, let failed = machine.draft?.crossings.last, failed.receivedBytes == 0,
            let pause = session.configuration.retries.pause(after: attempt.number, error, using: &generator)
        else { return nil }
        if let timeLeft, pause >= timeLeft { return nil }
        return CallRetry(
            session: session.key,
            turn: id,
            route: failed.route,
            attempt: attempt,
            error: error,
            pause: pause
        )
    }
}

extension TurnSession {
    /// Calls the model, within the time that the request leaves it to answer or to begin an answer in bytes, and while the
    /// turn's lease is held.
    ///
    /// The model ends an answer in bytes by itself.
    func call(
        _ request: ModelRequest,
        to other: (any LanguageModel)? = nil,
        stopwatch: Stopwatch,
        lease keeper: LeaseKeeper?
    ) async throws(ModelError) -> ModelReply {
        let model = other ?? model
        guard keeper != nil || request.limit != nil else { return try await model.call(request, stopwatch: stopwatch) }
        let clock = clock
        var works: [@Sendable () async -> Result<ModelReply, ModelError>] = [
            {
                do throws(ModelError) { return .success(try await model.call(request, stopwatch: stopwatch)) } catch {
                    return .failure(error)
                }
            }
        ]
        if let limit = request.limit {
            works.append {
                do { try await clock.sleep(for: limit.asPause) } catch { return .failure(.cancelled) }
                return .failure(.timeout(.total))
            }
        }
        if let keeper {
            works.append {
                await keeper.untilLost()
                return .failure(.cancelled)
            }
        }
        return try await firstResult(of: works).get()
    }
}

extension ModelRequest {
    /// The time that the call may take; `nil` if only the model's own limits hold.
    fileprivate var limit: Duration? {
        guard let timeLeft else { return timeLimits.total }
        return min(timeLeft, timeLimits.total ?? timeLeft)
    }
}
