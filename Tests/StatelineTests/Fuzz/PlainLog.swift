import NIOCore

@testable import Stateline

/// The fold of a log in the plainest form: arrays, and sums of wide integers.
struct PlainLog {
    private(set) var entries: [Entry] = []
    /// The numbers of the entries that each revision shows, from revision 0.
    private(set) var views: [[Int]] = [[]]
    private(set) var head: Head

    init(origin: Position) {
        self.head = Head(position: origin)
    }

    /// The numbers of the entries that are shown.
    var view: [Int] { views[views.count - 1] }

    /// The head that a batch ought to have; for one that cannot be, anything.
    func honestHead(of batch: Batch) -> Head {
        var next = head
        let position = head.position
        next.position = Position(
            incarnation: position.incarnation,
            revision: position.revision.next,
            digest: position.digest
        )
        next.totals = Self.sums(head.totals, batch)
        if batch.view != nil { next.view.revision = next.revision }
        next.view.entries = shown(with: batch)?.count ?? 0
        next.view.sentEntries = min(next.view.sentEntries, next.view.entries)
        return next
    }

    /// Appends a batch.
    ///
    /// - Returns: `false` if it claims what is not so; the log is as it was then.
    mutating func append(_ batch: Batch, _ claimed: Head) -> Bool {
        guard let shown = shown(with: batch) else { return false }
        if let options = batch.settings?.options, (try? GenerationOptions(stored: options)) == nil { return false }
        let expected = honestHead(of: batch)
        guard
            claimed.revision == expected.revision, claimed.totals == expected.totals,
            claimed.view.revision == expected.view.revision,
            claimed.view.entries == shown.count, claimed.view.sentEntries <= shown.count
        else { return false }
        if let parent = batch.parent {
            guard views.count > 1, parent.position == head.position else { return false }
        } else {
            guard claimed.position.incarnation == head.position.incarnation else { return false }
        }
        entries += batch.entries
        views.append(shown)
        head = claimed
        return true
    }

    /// What is shown with a batch; `nil` for a view that cannot be.
    private func shown(with batch: Batch) -> [Int]? {
        let total = entries.count + batch.entries.count
        guard let view = batch.view else { return view + Array(entries.count..<total) }
        guard view.base.rawValue < UInt64(views.count) else { return nil }
        let base = views[Int(view.base.rawValue)]
        guard view.kept <= base.count else { return nil }
        var shown = Array(base.prefix(view.kept))
        for range in view.ranges {
            guard range.upperBound <= total, shown.count + range.count <= total else { return nil }
            shown += Array(range)
        }
        return shown
    }

    private static func sums(_ totals: Head.Totals, _ batch: Batch) -> Head.Totals {
        func sum(_ total: Int, _ counts: [Int?]) -> Int {
            let exact = counts.reduce(Int128(total)) { $0 + Int128($1 ?? 0) }
            return Int(min(exact, Int128(BatchFormat.maximumCount)))
        }
        var sums = totals
        let calls = batch.crossings
        sums.entries = sum(totals.entries, [batch.entries.count])
        sums.crossings = sum(totals.crossings, [calls.count])
        sums.sentAgainBytes = sum(totals.sentAgainBytes, calls.map(\.sentAgainBytes))
        sums.repeatedToolBytes = sum(totals.repeatedToolBytes, calls.map(\.repeatedToolBytes))
        sums.newBytes = sum(totals.newBytes, calls.map(\.newBytes))
        sums.receivedBytes = sum(totals.receivedBytes, calls.map(\.receivedBytes))
        sums.sentAgainTokens = sum(totals.sentAgainTokens, calls.map(\.sentAgainTokens))
        sums.newTokens = sum(totals.newTokens, calls.map(\.newTokens))
        sums.cachedTokens = sum(totals.cachedTokens, calls.map(\.usage?.input.cachedTokenCount))
        sums.outputTokens = sum(totals.outputTokens, calls.map(\.usage?.output.totalTokenCount))
        return sums
    }
}
