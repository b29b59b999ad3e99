internal import Foundation

/// The mapping of values to an axis, with ticks at 1, 2 and 5 of each power of ten.
struct Scale: Sendable {
    /// The mapping of values to lengths.
    enum Kind: Hashable, Sendable {
        case linear
        case logarithmic
    }

    let kind: Kind
    /// The values at the ends, which are ticks.
    let domain: ClosedRange<Double>
    let ticks: [Double]

    /// Makes a scale over values, extended to the next ticks.
    ///
    /// - Parameters:
    ///   - kind: Linear, or logarithmic for values above 0.
    ///   - values: The values to cover.
    ///   - limit: The maximum number of ticks, at least 2.
    init(_ kind: Kind, over values: ClosedRange<Double>, limit: Int) {
        let ticks = kind == .linear ? Self.linear(values, limit) : Self.logarithmic(values, limit)
        self.kind = kind
        self.ticks = ticks
        self.domain = ticks[0]...ticks[ticks.count - 1]
    }

    /// Makes a scale with given ticks.
    init(_ domain: ClosedRange<Double>, ticks: [Double]) {
        self.kind = .linear
        self.domain = domain
        self.ticks = ticks
    }

    /// Returns the place of a value: 0 at the lower end, 1 at the upper one.
    func position(_ value: Double) -> Double {
        switch kind {
        case .linear: (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
        case .logarithmic: log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound)
        }
    }

    private static func linear(_ values: ClosedRange<Double>, _ limit: Int) -> [Double] {
        let span = max(values.upperBound - values.lowerBound, max(abs(values.upperBound), 1e-9) * 1e-6)
        var place = Int(log10(span / Double(limit)).rounded(.down))
        while true {
            for digit in [1.0, 2, 5] {
                let power = pow(10, Double(abs(place)))
                let unit = place < 0 ? digit / power : digit * power
                let first = (values.lowerBound / unit).rounded(.down)
                let last = max(first + 1, (values.upperBound / unit).rounded(.up))
                if Int(last - first) < limit {
                    return stride(from: first, through: last, by: 1)
                        .map { place < 0 ? $0 * digit / power : $0 * digit * power }
                }
            }
            place += 1
        }
    }

    private static func logarithmic(_ values: ClosedRange<Double>, _ limit: Int) -> [Double] {
        precondition(values.lowerBound > 0, "the values of a logarithmic scale must be above 0")
        // Each third step is a power of ten; then each power of ten, then each second one, and so on.
        func value(_ step: Int) -> Double {
            let place = Double((Double(step) / 3).rounded(.down))
            let digit = [1.0, 2, 5][step - 3 * Int(place)]
            return place < 0 ? digit / pow(10, -place) : digit * pow(10, place)
        }
        let low = Int((log10(values.lowerBound) * 3).rounded(.down)) - 2
        let high = Int((log10(values.upperBound) * 3).rounded(.up)) + 2
        let closest = (low...high).filter { value($0) <= values.lowerBound * (1 + 1e-9) }.last ?? low
        var stride = 1
        while stride <= high - low {
            var step = stride == 1 ? closest : Int((Double(closest) / Double(stride)).rounded(.down)) * stride
            var ticks = [value(step)]
            repeat {
                step += stride
                ticks.append(value(step))
            } while ticks[ticks.count - 1] < values.upperBound * (1 - 1e-9)
            if ticks.count <= limit { return ticks }
            stride = stride == 1 ? 3 : stride + 3
        }
        // Values on both sides of 1 always get three ticks: 1 and the powers of ten that enclose all.
        func power(_ step: Double) -> Double { value(3 * Int(step)) }
        return [
            power((Double(closest) / 3).rounded(.down)), power((log10(values.upperBound) - 1e-9).rounded(.up)),
        ]
    }
}
