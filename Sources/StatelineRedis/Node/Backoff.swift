internal import NIOCore

/// The pauses between attempts: exponential, with full jitter, so that requests that failed together are not sent again
/// together.
///
/// [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
struct Backoff: Hashable, Sendable {
    /// The maximum pause after the first failure.
    var base: TimeAmount
    /// The maximum pause after any failure.
    var limit: TimeAmount

    /// Returns the longest pause after a number of failures in a row, at least 1.
    func ceiling(after failures: Int) -> TimeAmount {
        let doublings = min(max(failures, 1) - 1, 32)
        let (product, overflow) = base.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        return overflow ? limit : min(limit, .nanoseconds(product))
    }

    /// Returns a random pause after a number of failures in a row, up to the ceiling.
    func delay(after failures: Int, using generator: inout some RandomNumberGenerator) -> TimeAmount {
        .nanoseconds(Int64.random(in: 0...ceiling(after: failures).nanoseconds, using: &generator))
    }
}
