internal import NIOCore

/// How long to wait before the next attempt: exponential, with full jitter, so that those who failed together do not come
/// back together.
///
/// [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
struct Backoff: Hashable, Sendable {
    /// The most to wait after the first failure.
    var base: TimeAmount
    /// The most to wait after any.
    var limit: TimeAmount

    /// The most to wait after so many failures in a row, at least 1.
    func ceiling(after failures: Int) -> TimeAmount {
        let doublings = min(max(failures, 1) - 1, 32)
        let (product, overflow) = base.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        return overflow ? limit : min(limit, .nanoseconds(product))
    }

    /// How long to wait after so many failures in a row: anything up to the ceiling.
    func delay(after failures: Int, using generator: inout some RandomNumberGenerator) -> TimeAmount {
        .nanoseconds(Int64.random(in: 0...ceiling(after: failures).nanoseconds, using: &generator))
    }
}
