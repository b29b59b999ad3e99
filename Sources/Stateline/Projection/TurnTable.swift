internal import HashTreeCollections

/// A session's turns that are kept step by step, as its log tells: the open one, the waiting ones, and those that ended.
///
/// - Complexity: following a batch takes O(log *n*) in the number of ended turns, and O(*k*) in the open turn's batches.
struct TurnTable: Sendable {
    /// The open turn; `nil` if none is.
    private(set) var open: OpenTurn?
    /// The turns that wait until they may be opened, the first one first.
    private(set) var queue: [QueuedTurn] = []
    /// The revision since which the first of the queue may be opened; 0 while a turn is open.
    private(set) var freeSince: Revision = 0
    private var ended = TreeDictionary<TurnID, EndedTurnRecord>()
    /// The ended turns in the order of the log, for their retention.
    private var order = PersistentList<TurnID>()
    private var firstKept = 0

    /// A table in storage of its own: snapshots of sessions without such turns are copied without it.
    final class Box: Sendable {
        let table: TurnTable

        init(_ table: TurnTable) {
            self.table = table
        }
    }

    /// Returns an ended turn that can still be looked up.
    func ended(_ turn: TurnID) -> EndedTurnRecord? { ended[turn] }

    /// The number of ended turns that can be looked up.
    var endedCount: Int { ended.count }

    /// The approximate number of bytes that the table takes.
    var weight: Int { 512 * (1 + ended.count + queue.count) + 64 * order.count + 1024 }

    /// Follows a batch.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - revision: Its revision.
    ///   - entries: The numbers of its entries.
    /// - Returns: `false` if the batch's record does not fit the turns: no writer that knew them made it.
    mutating func follow(_ batch: Batch, at revision: Revision, entries: Range<Int>) -> Bool {
        guard let record = batch.record else { return true }
        let first = queue.first?.turn
        defer { if open == nil, queue.first?.turn != first || freeSince == 0 { freeSince = revision } }
        switch record {
        case .opened(let opening):
            guard open == nil, ended[batch.turn]?.outcome != .committed, queue.isEmpty || queue[0].turn == batch.turn
            else {
                return false
            }
            queue.removeAll { $0.turn == batch.turn }
            open = OpenTurn(batch, opening, at: revision, entries: entries)
            freeSince = 0
        case .queued(let lease):
            guard open?.turn != batch.turn, !queue.contains(where: { $0.turn == batch.turn }) else { return false }
            queue.append(QueuedTurn(turn: batch.turn, lease: lease, revision: revision))
        case .left:
            guard queue.contains(where: { $0.turn == batch.turn }) else { return false }
            queue.removeAll { $0.turn == batch.turn }
        case .steered:
            guard open != nil, open?.turn != batch.turn, !entries.isEmpty else { return false }
            open?.inputs.append(OpenTurn.Input(turn: batch.turn, entries: entries))
        case .stepped, .waiting, .decided, .taken:
            guard open?.turn == batch.turn else { return false }
            return open?.follow(batch, record, at: revision, entries: entries) ?? false
        case .ended(let ending):
            guard let closing = open, closing.turn == batch.turn, ending.calls <= batch.crossings.count,
                ending.outcome != .committed || closing.inputs.isEmpty
            else { return false }
            open = nil
            end(closing, with: batch, ending, at: revision, entries: entries)
        }
        return true
    }

    private mutating func end(
        _ open: OpenTurn,
        with batch: Batch,
        _ ending: TurnRecord.Ending,
        at revision: Revision,
        entries: Range<Int>
    ) {
        forget(endedBefore: batch.created)
        var open = open
        open.add(batch.crossings.suffix(ending.calls))
        let record = EndedTurnRecord(open, ending.outcome, at: revision, created: batch.created, entries: entries)
        for turn in record.turns {
            ended[turn] = record
            order.append(turn)
        }
    }

    /// Drops turns whose retention has passed.
    ///
    /// Time is that of the log's batches, so that all readers keep the same turns.
    private mutating func forget(endedBefore now: Timestamp) {
        while firstKept < order.count, let oldest = ended[order[firstKept]],
            oldest.created.milliseconds + oldest.retention.wholeMilliseconds < now.milliseconds
        {
            ended[order[firstKept]] = nil
            firstKept += 1
        }
        guard firstKept > 1024, firstKept > order.count / 2 else { return }
        order = PersistentList(order[firstKept...])
        firstKept = 0
    }
}

extension Duration {
    /// The whole milliseconds, within the bounds of a varint.
    fileprivate var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

/// A turn that waits until it may be opened.
public struct QueuedTurn: Hashable, Sendable {
    /// The turn.
    public let turn: TurnID
    /// The lease of its place: others may drop it when its holder has given no sign of life for the term.
    public let lease: TurnLease
    /// The revision of its place.
    public let revision: Revision
}

/// The open turn of a session, as its log tells.
public struct OpenTurn: Sendable {
    /// The input of another turn that goes to this one.
    struct Input: Sendable {
        let turn: TurnID
        let entries: Range<Int>
    }

    /// The turn.
    public let turn: TurnID
    /// The holder, and the term for which it holds the turn.
    public private(set) var lease: TurnLease
    /// The time of its beginning, by its first holder's clock.
    public let opened: Timestamp
    /// The revision of its newest batch.
    public private(set) var revision: Revision
    /// The revision of the batch that gave its holder the lease.
    public private(set) var leased: Revision
    /// The actions that it waits for; empty if it does not wait.
    public private(set) var actions: [TurnRecord.Action] = []
    /// The decisions so far about actions that it waited for.
    public private(set) var decisions: [TurnRecord.Decision] = []
    /// The turns whose inputs it took in.
    public private(set) var steeredBy: [TurnID] = []
    /// The number of calls that the log holds.
    public private(set) var callCount = 0

    /// The digest of its input.
    let input: Digest
    /// The time for which it can be looked up once it has ended.
    let retention: Duration
    /// Its entries, in the order of the turn.
    private(set) var entries: EntryRanges
    /// Inputs of other turns that no step has taken in yet.
    var inputs: [Input] = []
    /// The reason why the last answer stopped; `nil` before the first one.
    private(set) var finishReason: FinishReason?
    /// The tokens of its calls; `nil` if a provider did not count them.
    private(set) var usage: Usage?
    private var isCounted = true

    fileprivate init(_ batch: Batch, _ opening: TurnRecord.Opening, at revision: Revision, entries: Range<Int>) {
        self.turn = batch.turn
        self.lease = opening.lease
        self.opened = batch.created
        self.revision = revision
        self.leased = revision
        self.input = opening.input
        self.retention = opening.retention
        self.entries = EntryRanges([entries])
    }

    /// `true` if it waits for actions from outside.
    public var isWaiting: Bool { !actions.isEmpty }

    fileprivate mutating func follow(
        _ batch: Batch,
        _ record: TurnRecord,
        at revision: Revision,
        entries added: Range<Int>
    ) -> Bool {
        self.revision = revision
        switch record {
        case .stepped(let count):
            guard count <= inputs.count else { return false }
            for input in inputs.prefix(count) {
                entries.append(input.entries)
                steeredBy.append(input.turn)
            }
            inputs.removeFirst(count)
        case .waiting(let required):
            guard !required.isEmpty else { return false }
            actions = required
        case .decided(let made, let lease):
            // Its holder runs what it may, and then says what it still waits for.
            actions = []
            decisions += made
            self.lease = lease
            leased = revision
        case .taken(let lease):
            self.lease = lease
            leased = revision
        case .opened, .steered, .ended, .queued, .left: return false
        }
        entries.append(added)
        add(batch.crossings[...])
        return true
    }

    fileprivate mutating func add(_ calls: ArraySlice<Crossing>) {
        for crossing in calls {
            callCount += 1
            if let reason = crossing.outcome.finishReason { finishReason = reason }
            guard let counted = crossing.usage else {
                isCounted = false
                continue
            }
            usage = usage.map { $0 + counted } ?? counted
        }
        if !isCounted { usage = nil }
    }
}

/// A turn that was kept step by step and has ended.
struct EndedTurnRecord: Sendable {
    let turn: TurnID
    let outcome: TurnRecord.Ending.Outcome
    /// The digest of its input.
    let input: Digest
    /// The revision of the batch that ended it.
    let revision: Revision
    /// The time of that batch, by its writer's clock.
    let created: Timestamp
    let retention: Duration
    /// Its entries, in the order of the turn.
    let entries: EntryRanges
    let finishReason: FinishReason?
    let usage: Usage?
    /// The turns whose inputs it took in.
    let steeredBy: [TurnID]

    fileprivate init(
        _ open: OpenTurn,
        _ outcome: TurnRecord.Ending.Outcome,
        at revision: Revision,
        created: Timestamp,
        entries added: Range<Int>
    ) {
        var entries = open.entries
        entries.append(added)
        self.turn = open.turn
        self.outcome = outcome
        self.input = open.input
        self.revision = revision
        self.created = created
        self.retention = open.retention
        self.entries = entries
        self.finishReason = open.finishReason
        self.usage = open.usage
        self.steeredBy = open.steeredBy
    }

    /// The turns that it stands for: itself, and those whose inputs it took in.
    var turns: [TurnID] { [turn] + steeredBy }
}
