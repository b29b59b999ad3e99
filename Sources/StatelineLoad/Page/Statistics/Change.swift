/// The change of a figure between two runs.
struct Change: Hashable, Sendable {
    /// The verdict on a change.
    enum Verdict: Hashable, Sendable {
        case lower
        case higher
        /// The interval holds 1, there is none, or a run is void.
        case none
    }

    /// The second figure divided by the first.
    let ratio: Double
    /// The interval of the ratio; `nil` if it is not known.
    let interval: ClosedRange<Double>?
    let verdict: Verdict

    /// The confidence of each run's interval, so that statements on both hold with 95 % (Bonferroni).
    static let confidence = 0.975

    /// Computes the change of a quantile.
    ///
    /// - Parameters:
    ///   - first: The figure of one run, above 0, and its interval.
    ///   - second: The figure of the other run and its interval.
    ///   - isVoid: `true` if the times of a run are void.
    init(from first: (Double, ClosedRange<Double>?), to second: (Double, ClosedRange<Double>?), isVoid: Bool) {
        ratio = second.0 / first.0
        guard let before = first.1, let after = second.1, before.lowerBound > 0, !isVoid else {
            (interval, verdict) = (nil, .none)
            return
        }
        let range = after.lowerBound / before.upperBound...after.upperBound / before.lowerBound
        interval = range
        verdict = range.upperBound < 1 ? .lower : range.lowerBound > 1 ? .higher : .none
    }

    /// Computes the change of a counted figure, which has no chance in it.
    init(counted first: Double, _ second: Double) {
        ratio = second / first
        interval = nil
        verdict = ratio < 1 ? .lower : ratio > 1 ? .higher : .none
    }
}
