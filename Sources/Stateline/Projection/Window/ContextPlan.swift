/// The entries of a view that a ``ContextStrategy`` keeps, and those that stand in place of the others.
public struct ContextPlan: Sendable {
    /// A part of the new view.
    @nonexhaustive
    public enum Piece: Sendable {
        /// Entries that stay: their places in ``ContextView/items``.
        case kept(Range<Int>)
        /// Another entry in place of the one at this place, such as a shorter output of the same tool call.
        case replaced(Int, by: Entry)
        /// A new entry.
        case inserted(Entry)
        /// A summary of the entries at these places, which a model writes.
        case summary(of: [Int], by: Summarizer)
    }

    /// The parts of the new view, in order.
    ///
    /// An entry that none of them keeps or replaces is left out.
    public var pieces: [Piece]

    /// Makes a plan.
    public init(_ pieces: [Piece]) {
        self.pieces = pieces
    }

    /// Makes a plan that leaves out entries.
    ///
    /// - Parameters:
    ///   - count: The number of entries of the view.
    ///   - dropped: The places of the entries to leave out.
    ///   - pieces: The pieces that stand in place of the first of them.
    public init(count: Int, dropping dropped: some Sequence<Int>, inserting pieces: [Piece] = []) {
        var isDropped = [Bool](repeating: false, count: count)
        for index in dropped where isDropped.indices.contains(index) { isDropped[index] = true }
        self.pieces = []
        var rest = pieces
        var start = 0
        for index in 0...count {
            guard index == count || isDropped[index] else { continue }
            if start < index { self.pieces.append(.kept(start..<index)) }
            start = index + 1
            if index < count {
                self.pieces += rest
                rest = []
            }
        }
    }

    /// Returns `true` if the plan leaves a view of some entries as it is.
    func isIdentity(of count: Int) -> Bool {
        var next = 0
        for piece in pieces {
            guard case .kept(let range) = piece, range.lowerBound == next || range.isEmpty else { return false }
            next = max(next, range.upperBound)
        }
        return next == count
    }
}

extension ContextView {
    /// Returns the view that a plan makes of this one.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - summaries: The summaries of the plan, in order.
    /// - Returns: The view; `nil` if the plan names an entry that is not there.
    func applying(_ plan: ContextPlan, summaries: [Entry]) -> ContextView? {
        var view = self
        var rest = summaries[...]
        view.items = []
        for piece in plan.pieces {
            switch piece {
            case .kept(let range):
                guard items.indices.contains(range) else { return nil }
                view.items += items[range]
            case .replaced(let index, let entry):
                guard items.indices.contains(index) else { return nil }
                view.items.append(
                    Item(
                        entry: entry,
                        number: nil,
                        tokens: min(tokens(of: entry), items[index].tokens),
                        isOfTurn: items[index].isOfTurn,
                        slot: items[index].slot,
                        isNew: true
                    )
                )
            case .inserted(let entry): view.items.append(inserted(entry))
            case .summary:
                guard let entry = rest.popFirst() else { return nil }
                view.items.append(inserted(entry))
            }
        }
        return view
    }

    private func inserted(_ entry: Entry) -> Item {
        Item(entry: entry, number: nil, tokens: tokens(of: entry), isOfTurn: false, slot: nil, isNew: true)
    }
}

extension Range<Int> {
    /// `true` if a range lies within this one.
    fileprivate func contains(_ range: Range<Int>) -> Bool {
        range.isEmpty || (lowerBound <= range.lowerBound && range.upperBound <= upperBound)
    }
}
