internal import NIOCore

/// A session at one position: an immutable value, the fold of the log up to there.
///
/// - Complexity: copying O(1); following it by a batch O(*k* log *n*) in the size of the batch.
public struct Snapshot: Sendable {
    /// The counts of one revision.
    private struct Mark: Sendable {
        /// The number of entries that the log holds with it.
        let entries: Int
        /// The number of view batches with it.
        let views: Int
    }

    /// A view that a view batch made.
    private struct StoredView: Sendable {
        let ranges: EntryRanges
        /// The number of entries that the log held with the batch; later entries were added to the view.
        let entries: Int
    }

    /// The session.
    public let key: SessionKey
    /// The head of the newest batch.
    public private(set) var head: Head
    /// The active view.
    public private(set) var transcript = Transcript()
    /// The ranges of the log that the view shows.
    private(set) var view = EntryRanges()
    /// All entries of the log; `nil` while the view is all of them.
    private var log: Transcript?
    /// A mark for each revision, from 1.
    private var marks = PersistentList<Mark>()
    /// The views that view batches made, the oldest first.
    private var views = PersistentList<StoredView>()
    /// The approximate number of bytes that the entries of the log take.
    private var entryBytes = 0
    /// The approximate number of bytes that the views take, without the shared ones.
    private var viewBytes = 0
    /// The transcript as its dialect sends it.
    private(set) var rendering: Rendering
    /// The transcript, or the first entries of it, as the dialect before this one sends it.
    ///
    /// A session that alternates between two dialects renders each entry once for each of them.
    private var otherRendering: Rendering?
    /// The turns that are kept step by step; `nil` while there were none.
    var turns: TurnTable? { turnBox?.table }
    private var turnBox: TurnTable.Box?

    /// The time of the session's first batch, by its writer's clock; `nil` before it.
    public private(set) var created: Timestamp?
    /// The session's values.
    public private(set) var values = SessionValues()
    /// The number of the view's first entries that are known to need no repair.
    ///
    /// It is not stored: each process finds out once.
    var soundCount = 0
    /// The settings; `nil` if there never were any.
    private(set) var settingsBox: SettingsBox?
    /// The encryption of the session; `nil` for none.
    var cipher: SessionCipher?

    /// Makes the snapshot of a session without a batch.
    init(key: SessionKey, origin: Position, dialect: any Dialect, cipher: SessionCipher? = nil) {
        self.key = key
        self.cipher = cipher
        self.head = Head(position: origin)
        self.rendering = Rendering(dialect: dialect)
    }

    /// The position of the session.
    public var position: Position { head.position }

    /// The end of the log, for a writer that does not need its content.
    var end: LogEnd { LogEnd(head: head, cipher: cipher) }

    /// Returns the same session for another dialect: as it is if both render alike, else rendered.
    ///
    /// The two newest renderings are kept.
    ///
    /// - Complexity: O(1); O(*k*) in the size of the entries that were added since the session was rendered for the
    ///   dialect; O(*n*) in the size of the view if neither of the two renderings is the dialect's.
    package func rendered(for dialect: any Dialect) -> Snapshot {
        var copy = self
        if let same = rendering.adopted(by: dialect) {
            copy.rendering = same
        } else {
            copy.rendering = otherRendering?.adopted(by: dialect) ?? Rendering(dialect: dialect)
            copy.rendering.append(restOf: transcript)
            copy.otherRendering = rendering
        }
        return copy
    }

    /// The approximate number of bytes that the session takes in memory.
    ///
    /// It counts all entries of the log, in the active view or not, and 256 for each; the storage of the rendering; the
    /// views, and 32 for each revision.
    ///
    /// - Complexity: O(log *n*).
    package var weight: Int {
        1024 + rendering.storageByteCount + (otherRendering?.storageByteCount ?? 0) + entryBytes + viewBytes
            + 256 * head.totals.entries + 32 * marks.count + (turns?.weight ?? 0) + values.weight
    }

    /// Returns the same position in another session's name, before the batch that makes the fork.
    func renamed(_ fork: SessionKey) -> Snapshot {
        var copy = Snapshot(key: fork, origin: position, dialect: rendering.dialect)
        copy.head = head
        copy.transcript = transcript
        copy.view = view
        copy.log = log
        copy.marks = marks
        copy.views = views
        copy.entryBytes = entryBytes
        copy.viewBytes = viewBytes
        copy.rendering = rendering
        copy.otherRendering = otherRendering
        copy.turnBox = turnBox
        copy.values = values
        copy.soundCount = soundCount
        copy.settingsBox = settingsBox
        copy.cipher = cipher?.forked(to: fork, at: position)
        return copy
    }

    /// Returns the view as it was with a revision's batch; `nil` for a revision that is not in the log.
    ///
    /// - Complexity: O(log *n*).
    func view(at revision: Revision) -> EntryRanges? {
        guard revision > 0, revision <= position.revision else { return nil }
        let mark = marks[Int(revision.rawValue) - 1]
        guard mark.views > 0 else { return EntryRanges([0..<mark.entries]) }
        let newest = views[mark.views - 1]
        var ranges = newest.ranges
        ranges.append(newest.entries..<mark.entries)
        return ranges
    }

    /// The open turn; `nil` if none is.
    public var openTurn: OpenTurn? { turns?.open }

    /// Returns entries of the log, in the view or not.
    ///
    /// - Complexity: O(*k* log *n*).
    func entries(_ ranges: EntryRanges) -> [Entry] {
        let log = log ?? transcript
        return ranges.ranges.flatMap { log[$0] }
    }

    /// Returns the turns with one more batch.
    ///
    /// - Returns: `nil` if the batch's record does not fit them.
    /// - Complexity: O(1) for a batch without a record.
    func turns(with batch: Batch) -> TurnTable.Box?? {
        guard batch.parent == nil else {
            // A fork has no open turn: that of its parent stays the parent's.
            return .some(nil)
        }
        guard batch.record != nil else { return .some(turnBox) }
        var next = turns ?? TurnTable()
        let first = head.totals.entries
        let fits = next.follow(batch, at: position.revision.next, entries: first..<first + batch.entries.count)
        return fits ? .some(TurnTable.Box(next)) : nil
    }
}

extension Snapshot {
    /// Returns the session with one more batch.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - head: The batch's own head.
    ///   - newView: The active view with the batch, as ``activeView(with:)`` gives it.
    ///   - turns: The turns with the batch, as ``turns(with:)`` gives them.
    ///   - known: The view's rendering with the batch's entries, if it is known already.
    /// - Returns: The session with it.
    /// - Complexity: O(*k* log *n*) in the size of the batch; with a view also O(*v*) in what it shows other than the
    ///   view before.
    func following(
        _ batch: Batch,
        head: Head,
        view newView: EntryRanges,
        turns: TurnTable.Box?,
        rendering known: Rendering? = nil
    ) -> Snapshot {
        var next = appending(batch, head: head, view: newView, turns: turns)
        if batch.changesView {
            next.show(insteadOf: view, rendering: known)
        } else if !batch.entries.isEmpty, !batch.holdsEntries {
            next.transcript.append(contentsOf: batch.entries)
            if let known {
                next.rendering = known
            } else {
                next.rendering.append(contentsOf: batch.entries, of: next.transcript)
            }
        }
        return next
    }

    /// Returns the session with one more batch, without its view: call ``show(insteadOf:)`` if that changed.
    func appending(_ batch: Batch, head: Head, view newView: EntryRanges, turns: TurnTable.Box?) -> Snapshot {
        var next = self
        next.head = head
        next.view = newView
        next.turnBox = turns
        next.values = values.following(batch, at: head.revision)
        for entry in batch.entries { next.entryBytes += entry.storedSizeEstimate }
        let isOtherView = batch.changesView || batch.holdsEntries && !batch.entries.isEmpty
        if next.log != nil || isOtherView {
            next.keepLog()
            next.log?.append(contentsOf: batch.entries)
        }
        if isOtherView {
            next.views.append(StoredView(ranges: newView, entries: head.totals.entries))
            next.viewBytes += newView.ownByteCount
            next.keepSound(newView.commonPrefixCount(with: view))
        }
        if self.head.revision == 0 { next.created = batch.created }
        if let change = batch.settings { next.apply(change) }
        next.marks.append(Mark(entries: head.totals.entries, views: next.views.count))
        return next
    }

    /// Forgets that entries are sound after the view's first ones, which another view begins with too.
    ///
    /// The two may part between a call and its output, so the last exchange of the first ones is forgotten as well.
    private mutating func keepSound(_ kept: Int) {
        guard kept < soundCount else { return }
        soundCount = kept
        while soundCount > 0 {
            soundCount -= 1
            if case .prompt = transcript[soundCount].content { break }
        }
    }

    /// Takes over a change of settings, which was read before.
    private mutating func apply(_ change: Batch.Settings) {
        guard let changed = try? settings.applying(change) else { return }
        settingsBox = SettingsBox(changed)
        viewBytes += change.options?.readableBytes ?? 0
    }

    /// Returns the number of entries that the log held with a revision of it.
    func entryCount(at revision: Int) -> Int { marks[revision - 1].entries }

    /// Keeps the entries of the log apart from those of the view.
    mutating func keepLog() {
        if log == nil { log = transcript }
    }

    /// Brings the transcript and its rendering from another view to the active one.
    ///
    /// - Parameters:
    ///   - shown: The other view.
    ///   - known: The active view's rendering, if it is known already and begins with the other view's.
    /// - Complexity: O(log *n* + *k*) in the number of entries that the two views do not begin with alike; O(*v*) if one
    ///   append brought entries that are kept and entries that are not.
    mutating func show(insteadOf shown: EntryRanges, rendering known: Rendering? = nil) {
        guard let log else { return }
        var kept = shown.commonPrefixCount(with: view)
        if let known {
            rendering = known
        } else if rendering.truncate(toEntry: kept) {
            transcript.truncate(to: kept)
        } else {
            kept = 0
            transcript = Transcript()
            rendering = Rendering(dialect: rendering.dialect)
        }
        if let other = otherRendering, other.entryCount > kept, otherRendering?.truncate(toEntry: kept) == false {
            otherRendering = nil
        }
        for range in view.ranges(after: kept) { transcript.append(contentsOf: log[range]) }
        if known == nil { rendering.append(restOf: transcript) }
    }
}

extension Batch {
    /// `true` if its entries are outside of the view.
    var holdsEntries: Bool { record?.holdsEntries ?? false }

    /// `true` if it makes another view the active one than the view before with its entries at the end.
    var changesView: Bool { view != nil || record?.bringsEntries ?? false }
}
