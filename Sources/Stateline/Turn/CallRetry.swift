/// A call that failed, and will be made again after a pause.
public struct CallRetry: Sendable {
    /// The session, for logs and spans; never for the label of a metric.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// The route of the failed attempt.
    public let route: Route
    /// The next attempt: its number, and the error of the failed one.
    public let attempt: CallAttempt
    /// The error of the failed attempt.
    public let error: ModelError
    /// The time until the next attempt.
    public let pause: Duration
}

extension [any TurnObserver] {
    /// Tells each observer that a call will be made again.
    func observe(_ retry: CallRetry) {
        for observer in self { observer.retryScheduled(retry) }
    }
}
