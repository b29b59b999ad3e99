internal import NIOCore

/// A session as it stands at one position: a value that never changes, and is the fold of the log up to there.
///
/// - Complexity: copying O(1); following it by a batch O(*k* log *n*) in the size of the batch.
public struct Snapshot: Sendable {
    /// What is known of one revision.
    private struct Mark: Sendable {
        /// How many entries the log holds with it.
        let entries: Int
        /// The view batch that was the newest then.
        let view: Revision
    }

    /// The session.
    public let key: SessionKey
    /// The head of the newest batch.
    public private(set) var head: Head
    /// The active view.
    public private(set) var transcript = Transcript()
    /// Where the view is in the log.
    private(set) var view = EntryRanges()
    /// All entries of the log; `nil` while the view is all of them.
    private var log: Transcript?
    /// A mark for each revision, from 1.
    private var marks = PersistentList<Mark>()
    /// The views that view batches made.
    private var views: [Revision: EntryRanges] = [0: EntryRanges()]
    /// The transcript as its dialect sends it.
    private(set) var rendering: Rendering
    /// The logs that the session continues, its own last.
    private(set) var lineage: [Batch.Ancestor] = []

    /// A session without a batch.
    init(key: SessionKey, origin: Position, dialect: any Dialect) {
        self.key = key
        self.head = Head(position: origin)
        self.rendering = Rendering(dialect: dialect)
    }

    /// Where the session stands.
    public var position: Position { head.position }

    /// The same session for another dialect: as it is where both render alike, else rendered anew.
    ///
    /// - Complexity: O(1), or O(*n*) in the size of the view where it has to be rendered.
    package func rendered(for dialect: any Dialect) -> Snapshot {
        var copy = self
        if let same = rendering.adopted(by: dialect) {
            copy.rendering = same
        } else {
            copy.rendering = Rendering(dialect: dialect)
            copy.rendering.append(contentsOf: transcript)
        }
        return copy
    }

    /// About how many bytes the session takes in memory: what is rendered, about as much for its entries, and 256 for
    /// each entry of the log.
    package var weight: Int { 1024 + 2 * rendering.byteCount + 256 * head.totals.entries }

    /// The same position in another session's name, before the batch that makes the fork.
    func renamed(_ fork: SessionKey) -> Snapshot {
        var copy = Snapshot(key: fork, origin: position, dialect: rendering.dialect)
        copy.head = head
        copy.transcript = transcript
        copy.view = view
        copy.log = log
        copy.marks = marks
        copy.views = views
        copy.rendering = rendering
        copy.lineage = lineage
        return copy
    }

    /// The view as it was with a revision's batch; `nil` for a revision that is not in the log.
    ///
    /// - Complexity: O(log *n* + *v*) in the number of ranges of the view.
    func view(at revision: Revision) -> EntryRanges? {
        guard revision > 0, revision <= position.revision else { return nil }
        let mark = marks[Int(revision.rawValue) - 1]
        guard var ranges = views[mark.view] else { return nil }
        let start = mark.view == 0 ? 0 : marks[Int(mark.view.rawValue) - 1].entries
        ranges.append(start..<mark.entries)
        return ranges
    }
}

extension Snapshot {
    /// The session with one more batch.
    ///
    /// - Parameters:
    ///   - batch: What the batch holds.
    ///   - head: The batch's own head.
    ///   - known: The view's rendering with the batch's entries, where there is one already.
    /// - Returns: The session with it.
    func following(_ batch: Batch, head: Head, rendering known: Rendering? = nil) -> Snapshot {
        var next = self
        let first = self.head.totals.entries
        next.head = head
        next.log?.append(contentsOf: batch.entries)
        if let view = batch.view {
            next.show(view, adding: batch.entries)
            next.views[head.revision] = next.view
        } else if !batch.entries.isEmpty {
            next.transcript.append(contentsOf: batch.entries)
            next.view.append(first..<first + batch.entries.count)
            if let known { next.rendering = known } else { next.rendering.append(contentsOf: batch.entries) }
        }
        if self.head.revision == 0 || !batch.lineage.isEmpty {
            next.lineage = batch.lineage + [Batch.Ancestor(id: key.id, position: head.position)]
        }
        next.marks.append(Mark(entries: head.totals.entries, view: head.view.revision))
        return next
    }

    /// Makes another view the active one.
    private mutating func show(_ ranges: EntryRanges, adding entries: [Entry]) {
        let whole = log ?? Transcript(Array(transcript) + entries)
        let count = ranges.count
        let isPrefix = count <= view.count && view.prefix(count) == ranges
        if log == nil { log = whole }
        view = ranges
        if isPrefix, rendering.truncate(toEntry: count) {
            transcript.truncate(to: count)
            return
        }
        transcript = Transcript(ranges.ranges.lazy.flatMap { $0 }.map { whole[$0] })
        rendering = Rendering(dialect: rendering.dialect)
        rendering.append(contentsOf: transcript)
    }
}
