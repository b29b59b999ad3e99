/// A way to make a session's next request smaller.
///
/// A strategy is a pure function of the view: it says which entries stay and what stands in place of the others. The
/// session writes the new view to its log, where the originals stay, and makes the calls that the plan asks for.
///
/// A plan is refused, and the next strategy is asked, if a strict provider would not take the view or if it takes more than
/// it has to keep:
///
/// - All instructions stay, and so do the newest prompt and the entries of the turn that is under way.
/// - An answer with tool calls stays whole, with its reasoning and the outputs of its calls, or goes whole.
/// - No prompt comes to stand next to another one, and the view does not come to begin with an answer or to end with a
///   prompt.
/// - Entries stay in their order.
///
/// ```swift
/// struct DropPictures: ContextStrategy {
///     let name = "dropPictures"
///
///     func plan(for view: ContextView) -> ContextPlan {
///         ContextPlan(view.items.indices.map { index in
///             guard case .prompt(let parts) = view.items[index].entry.content else { return .kept(index..<index + 1) }
///             let texts = parts.filter { if case .image = $0 { false } else { true } }
///             return texts == parts || texts.isEmpty
///                 ? .kept(index..<index + 1) : .replaced(index, by: Entry(.prompt(texts)))
///         })
///     }
/// }
/// ```
public protocol ContextStrategy: Sendable {
    /// The name with the settings, for traces. Strategies of one name act alike.
    var name: String { get }

    /// Plans a smaller view.
    ///
    /// - Parameter view: The entries of the next request.
    /// - Returns: The plan; one that keeps all entries if the strategy cannot save anything.
    /// - Complexity: Called once for each compaction; may be O(*n*) in the number of entries.
    func plan(for view: ContextView) -> ContextPlan
}

extension ContextView {
    /// A plan that keeps all entries.
    public var wholePlan: ContextPlan { ContextPlan([.kept(0..<items.count)]) }

    /// Returns the place in `blocks` of the newest turn that must begin the view if blocks of earlier turns go.
    ///
    /// A turn whose block is part of the turn under way, such as calls whose outputs that turn gives, has to stay.
    ///
    /// - Parameters:
    ///   - blocks: The blocks of the view.
    ///   - start: The place of the turn that would begin it.
    /// - Returns: The place, at most `start`.
    static func turnStart(in blocks: [Block], atMost start: Int) -> Int {
        guard let pinned = blocks.firstIndex(where: \.isOfTurn), pinned < start else { return start }
        return turnStarts(in: blocks).last { $0 <= pinned } ?? 0
    }

    /// Returns the places of entries of some blocks, without instructions.
    static func entries(of blocks: some Sequence<Block>) -> [Int] {
        blocks.filter { $0.kind != .instructions }.flatMap { Array($0.range) }
    }
}
