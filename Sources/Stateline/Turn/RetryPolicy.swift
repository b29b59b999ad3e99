/// The rules for making a failed call again.
///
/// A call is made again if its error is one that passes (``ModelError/isRetryable``) and no byte of its answer has come.
/// The pause before an attempt is exponential with full jitter, so that calls that failed together are not repeated
/// together. A provider's `Retry-After` is waited for first. A call is not made again if the pause would end after the
/// turn's time (``SessionConfiguration/turnTimeout``).
///
/// Each attempt is a crossing in the ledger, and may take another route (``LanguageModel/plan(for:)``).
///
/// ```swift
/// var configuration = SessionConfiguration()
/// configuration.retries = RetryPolicy(maximumAttempts: 5, base: .milliseconds(200), cap: .seconds(4))
/// configuration.turnTimeout = .seconds(60)
/// ```
///
/// Source: [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/);
/// RFC 9110, 10.2.3.
public struct RetryPolicy: Hashable, Sendable {
    /// The maximum number of attempts at one call, the first one included; at least 1.
    public var maximumAttempts: Int
    /// The maximum pause after the first failed attempt; it doubles with each further one.
    public var base: Duration
    /// The maximum pause after any failed attempt, beyond the time that the provider asks to wait.
    public var cap: Duration
    /// The longest time that a provider may ask to wait; if it asks for more, the call is not made again.
    public var maximumRetryAfter: Duration

    /// No call is made again.
    public static let none = RetryPolicy(maximumAttempts: 1)

    /// Makes a policy.
    public init(
        maximumAttempts: Int = 3,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(8),
        maximumRetryAfter: Duration = .seconds(60)
    ) {
        precondition(maximumAttempts > 0, "a call needs at least one attempt")
        precondition(base >= .zero && cap >= .zero, "a pause cannot be negative")
        self.maximumAttempts = maximumAttempts
        self.base = base
        self.cap = cap
        self.maximumRetryAfter = maximumRetryAfter
    }

    /// Returns the longest pause after a number of failed attempts, at least 1, without the provider's wish.
    func ceiling(after failures: Int) -> Duration {
        let cap = cap.bounded
        var ceiling = base.bounded
        // From zero no doubling leads anywhere, and from a nanosecond 93 lead to the largest cap.
        for _ in 1..<min(max(failures, 1), 128) where ceiling < cap { ceiling *= 2 }
        return min(ceiling, cap)
    }

    /// Returns a random pause after a number of failed attempts.
    ///
    /// - Parameters:
    ///   - failures: The number of failed attempts, at least 1.
    ///   - error: The newest one's error. The pause begins with the time that it asks to wait.
    ///   - generator: The source of the jitter.
    /// - Returns: The pause; `nil` if the call is not made again.
    func pause(
        after failures: Int,
        _ error: ModelError,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        let wish = error.retryAfter ?? .zero
        guard error.isRetryable, failures < maximumAttempts, wish <= maximumRetryAfter else { return nil }
        return wish.bounded + ceiling(after: failures) * Double.random(in: 0...1, using: &generator)
    }
}
