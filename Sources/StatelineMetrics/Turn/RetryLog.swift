public import Logging
public import Stateline

/// A log of the model calls that failed and are made again.
///
/// ```swift
/// let boundary = Boundary(store: MemoryStore(), observers: [RetryLog(logger: Logger(label: "agent"))])
/// ```
///
/// Each is one line of the level `warning`, with the turn, the route, the number of failed attempts, the error's code and
/// the pause in its metadata. A line holds no content, no session and no words of the provider.
public struct RetryLog: TurnObserver {
    private let logger: Logger

    /// Makes an observer.
    public init(logger: Logger) {
        self.logger = logger
    }

    /// Writes a line.
    public func retryScheduled(_ retry: CallRetry) {
        logger.warning(
            "a model call failed and will be made again",
            metadata: [
                "stateline.turn": "\(String(retry.turn.rawValue, radix: 16))",
                "stateline.provider": "\(retry.route.provider)",
                "stateline.endpoint": "\(retry.route.endpoint)",
                "stateline.model": "\(retry.route.model)",
                "stateline.step": "\(retry.attempt.step)",
                "stateline.attempts": "\(retry.attempt.number)",
                "stateline.error": "\(retry.error.code)",
                "stateline.pause": "\(retry.pause)",
            ]
        )
    }

    /// Writes nothing.
    public func turnEnded(_ turn: EndedTurn) {}
}
