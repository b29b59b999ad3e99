import StatelineTesting
import Testing

@testable import Stateline

@Suite struct EntryRangesTests {
    @Test func `empty ranges are dropped and adjoining ones joined`() {
        let view = EntryRanges([0..<0, 0..<2, 2..<2, 2..<5, 7..<9, 5..<7])
        #expect(view.ranges == [0..<5, 7..<9, 5..<7])
        #expect(view.count == 9)
        #expect(EntryRanges().ranges.isEmpty)
        #expect(EntryRanges([3..<3]) == EntryRanges())
    }

    @Test func `a prefix holds the view's first entries`() {
        let view = EntryRanges([0..<5, 7..<9])
        let entries = Array(view.ranges.joined())
        for count in 0...view.count {
            #expect(Array(view.prefix(count).ranges.joined()) == Array(entries.prefix(count)))
            #expect(Array(view.ranges(after: count).joined()) == Array(entries.dropFirst(count)))
        }
        #expect(view.prefix(100) == view)
    }

    @Test func `appending continues the last range or begins one`() {
        var view = EntryRanges([0..<3])
        view.append(3..<4)
        #expect(view.ranges == [0..<4])
        view.append(6..<8)
        view.append(8..<8)
        #expect(view.ranges == [0..<4, 6..<8])
    }

    @Test func `the common prefix of two views is that of their entries`() {
        var (generator, seed) = SeededGenerator.printed(for: "common prefixes of views")
        for _ in 0..<2000 {
            let views = (0..<2).map { _ in Self.random(&generator) }
            let entries = views.map { Array($0.ranges.joined()) }
            let common = zip(entries[0], entries[1]).prefix { $0 == $1 }.count
            let found = views[0].commonPrefixCount(with: views[1])
            #expect(found == common, "seed \(seed): \(views)")
            #expect((views[0] == views[1]) == (entries[0] == entries[1]), "seed \(seed): \(views)")
            #expect(views[0].commonPrefixCount(with: views[0]) == entries[0].count, "seed \(seed): \(views[0])")
        }
    }

    @Test func `views with many ranges are as their entries say, whatever they were made of`() {
        var (generator, seed) = SeededGenerator.printed(for: "views of many ranges")
        var views = [EntryRanges()]
        for _ in 0..<500 {
            let isOlder = Int.random(in: 0..<10, using: &generator) == 0
            guard var view = isOlder ? views.randomElement(using: &generator) : views.last else { return }
            view = view.prefix(.random(in: max(0, view.count - 6)...view.count, using: &generator))
            for _ in 0..<Int.random(in: 4...8, using: &generator) {
                let lower = Int.random(in: 0...40, using: &generator)
                view.append(lower..<lower + Int.random(in: 0...3, using: &generator))
            }
            views.append(view)
            let (mine, others) = (Array(view.ranges.joined()), views.randomElement(using: &generator) ?? view)
            let common = zip(mine, others.ranges.joined()).prefix { $0 == $1 }.count
            #expect(view.count == mine.count, "seed \(seed)")
            #expect(view.commonPrefixCount(with: others) == common, "seed \(seed)")
            #expect(view == EntryRanges(mine.map { $0..<$0 + 1 }), "seed \(seed)")
        }
        #expect(views.contains { $0.ranges.count > 64 }, "seed \(seed)")
    }

    /// Ranges of small numbers, so that two of them often begin alike.
    private static func random(_ generator: inout SeededGenerator) -> EntryRanges {
        var view = EntryRanges()
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let lower = Int.random(in: 0...3, using: &generator)
            view.append(lower..<lower + Int.random(in: 0...4, using: &generator))
        }
        return view
    }
}
