internal import Stateline

/// A distribution given by a few of its quantiles, with linear interpolation between them.
struct Quantiles: Sendable {
    private let values: [Double]
    private let shares: [Double]

    /// Makes a distribution from pairs of a share and a value, both rising, from the share 0 to the share 1.
    init(_ points: [(share: Double, value: Double)]) {
        precondition(points.first?.share == 0 && points.last?.share == 1, "quantiles must begin at 0 and end at 1")
        self.shares = points.map(\.share)
        self.values = points.map(\.value)
    }

    /// Draws a value.
    func draw(_ random: inout SplitMix64) -> Double {
        value(at: random.unit())
    }

    /// Returns the value below which a share of all values lies.
    func value(at share: Double) -> Double {
        let next = max(1, shares.firstIndex { $0 > share } ?? shares.count - 1)
        let (low, high) = (shares[next - 1], shares[next])
        let part = high > low ? (share - low) / (high - low) : 1
        return values[next - 1] + (values[next] - values[next - 1]) * part
    }
}
