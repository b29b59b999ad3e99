import Foundation
import Testing

@testable import StatelineLoad

@Suite struct OrderStatisticsTests {
    // The intervals of the median that textbooks print, such as *Practical Nonparametric Statistics* by Conover; the
    // coverage of each is at least 95 %.
    @Test(arguments: [
        (6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (25, 8, 18), (50, 18, 33), (100, 40, 61),
    ])
    func `the ranks around a median are those of the tables`(_ count: Int, _ lower: Int, _ upper: Int) throws {
        let ranks = try #require(OrderStatistics(of: 0.5, count: count, confidence: 0.95))
        #expect(ranks.lower == lower && ranks.upper == upper)
    }

    @Test func `too few samples enclose nothing`() {
        // Five tosses are all heads once in 32 times.
        #expect(OrderStatistics(of: 0.5, count: 5, confidence: 0.95) == nil)
        #expect(OrderStatistics(of: 0.99, count: 300, confidence: 0.95) == nil)
        #expect(OrderStatistics(of: 0.99, count: 400, confidence: 0.95) != nil)
        #expect(OrderStatistics(of: 0.5, count: 0, confidence: 0.95) == nil)
        #expect(OrderStatistics(of: 1, count: 100, confidence: 0.95) == nil)
    }

    @Test(arguments: [0.5, 0.9, 0.99], [0.95, 0.975])
    func `ranks are as close as their confidence allows`(_ share: Double, _ confidence: Double) throws {
        let count = 4000
        let ranks = try #require(OrderStatistics(of: share, count: count, confidence: confidence))
        // By the sum of the binomial distribution's terms.
        func below(_ rank: Int) -> Double {
            (0..<rank)
                .reduce(0) { sum, value in
                    let ways = lgamma(Double(count + 1)) - lgamma(Double(value + 1)) - lgamma(Double(count - value + 1))
                    return sum + exp(ways + Double(value) * log(share) + Double(count - value) * log(1 - share))
                }
        }
        let miss = (1 - confidence) / 2
        #expect(below(ranks.lower) <= miss)
        #expect(below(ranks.lower + 1) > miss)
        #expect(below(ranks.upper) >= 1 - miss)
        #expect(below(ranks.upper - 1) < 1 - miss)
    }

    @Test func `an interval of a spectrum encloses the samples of its ranks`() throws {
        // A thousand times of 1 to 1000 us, of which the spectrum has each seventh.
        let levels = (1...1000).filter { $0 % 7 == 0 || $0 == 1000 }.map { Spectrum.Level(time: Double($0), count: $0) }
        let spectrum = try #require(Spectrum(levels))
        let ranks = try #require(OrderStatistics(of: 0.9, count: 1000, confidence: 0.95))
        let interval = try #require(spectrum.interval(of: 0.9, confidence: 0.95))
        let (lower, upper) = (Double(ranks.lower), Double(ranks.upper))
        #expect((lower - 7...lower).contains(interval.lowerBound))
        #expect((upper...upper + 7).contains(interval.upperBound))
        #expect(spectrum.interval(of: 0.9999, confidence: 0.95) == nil)
    }

    @Test func `what does not rise is no spectrum`() {
        #expect(Spectrum([]) == nil)
        #expect(Spectrum([.init(time: 1, count: 2), .init(time: 2, count: 2)]) == nil)
        #expect(Spectrum([.init(time: 2, count: 1), .init(time: 1, count: 2)]) == nil)
        #expect(Spectrum([.init(time: 2, count: 0)]) == nil)
    }

    @Test func `a change is told only where intervals are apart`() {
        let slower = Change(from: (100, 90...110), to: (150, 130...160), isVoid: false)
        #expect(slower.verdict == .higher)
        #expect(slower.ratio == 1.5)
        let (low, high) = (130.0 / 110, 160.0 / 90)
        #expect(slower.interval == low...high)
        #expect(Change(from: (150, 130...160), to: (100, 90...110), isVoid: false).verdict == .lower)
        #expect(Change(from: (100, 90...110), to: (120, 109...130), isVoid: false).verdict == .none)
        #expect(Change(from: (100, 90...110), to: (200, nil), isVoid: false).verdict == .none)
        #expect(Change(from: (100, 90...110), to: (200, 190...210), isVoid: true).verdict == .none)
        #expect(Change(counted: 10, 5).verdict == .lower)
    }
}
