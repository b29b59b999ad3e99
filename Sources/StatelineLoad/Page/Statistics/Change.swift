/// What became of a figure from one run to another.
struct Change: Hashable, Sendable {
    /// What can be said of it.
    enum Verdict: Hashable, Sendable {
        case lower
        case higher
        /// The interval holds 1, there is none, or a run is void.
        case none
    }

    /// The second figure, for each unit of the first.
    let ratio: Double
    /// Where the ratio lies; `nil` where that is not known.
    let interval: ClosedRange<Double>?
    let verdict: Verdict

    /// How sure an end of each run's interval has to be, so that what is said of both holds with 95 %: by Bonferroni.
    static let confidence = 0.975

    /// The change of a quantile.
    ///
    /// - Parameters:
    ///   - first: The figure of one run, above 0, and the interval that it lies in.
    ///   - second: The same of the other.
    ///   - isVoid: Whether one of the runs says nothing of it.
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

    /// The change of what was counted, and has no chance in it.
    init(counted first: Double, _ second: Double) {
        ratio = second / first
        interval = nil
        verdict = ratio < 1 ? .lower : ratio > 1 ? .higher : .none
    }
}
