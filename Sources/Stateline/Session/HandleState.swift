internal import NIOCore

/// A handle's knowledge of its session, apart from lock and I/O.
struct HandleState: Sendable {
    /// The session at the beginning of a turn.
    struct Checkout: Sendable {
        var snapshot: Snapshot
        var memory: RequestMemory?
        /// The cost of the requests to the store for the turn before it began.
        var cost: StoreCost
        /// `true` if other processes were seen to write to the session.
        var wantsLook = false
        /// `true` if the store has been asked for the turn.
        var hasAsked = false
    }

    /// The number of looks in a row that find nothing before a handle takes the session for its own again.
    static let lookCount = 16

    /// The session as it is known here.
    private(set) var snapshot: Snapshot
    /// The turn that is under way, or the change that is no turn.
    private(set) var turn: TurnID?
    /// The newest request.
    private(set) var memory: RequestMemory?
    /// The cost of opening the handle, until its first turn takes it over.
    private var openingCost: StoreCost
    /// The newest fork whose outcome is unknown: the position in this session's log at which it begins, and its batch.
    var lostFork: (base: Position, fork: Snapshot.Successor)?
    /// The number of next turns that check the store for newer batches before they pay for a call.
    private var looks = 0

    init(snapshot: Snapshot, cost: StoreCost = StoreCost()) {
        self.snapshot = snapshot
        self.openingCost = cost
    }

    /// Begins a turn unless another turn is under way.
    ///
    /// - Returns: The session at the turn's beginning, or `nil` while another turn is under way.
    mutating func turnStarted(_ id: TurnID) -> Checkout? {
        guard turn == nil else { return nil }
        turn = id
        defer { openingCost = StoreCost() }
        return Checkout(
            snapshot: snapshot,
            memory: memory,
            cost: openingCost,
            wantsLook: looks > 0
        )
    }

    /// Begins a change that is no turn, such as a rewind, unless a turn or another change is under way.
    ///
    /// - Returns: `true` if it has the handle until ``turnSettled(_:)``; `false` while a turn or another change has it.
    mutating func changeStarted(_ id: TurnID) -> Bool {
        guard turn == nil else { return false }
        turn = id
        return true
    }

    /// Records that the turn's batch is in the store.
    mutating func turnCommitted(_ id: TurnID, as successor: Snapshot, memory: RequestMemory?) {
        advanced(to: successor)
        guard turn == id else { return }
        turn = nil
        self.memory = memory
    }

    /// Records that the turn ended without a batch; the handle is not free before ``turnSettled(_:)``.
    ///
    /// - Parameters:
    ///   - id: The turn.
    ///   - memory: Its newest request, of which only what was in the session before is known to be in the next one.
    mutating func turnEnded(_ id: TurnID, memory: RequestMemory?) {
        guard turn == id else { return }
        self.memory = memory
    }

    /// Records that the turn's calls are in the ledger or are left to others, or that the change has ended: another
    /// turn may begin.
    mutating func turnSettled(_ id: TurnID) {
        if turn == id { turn = nil }
    }

    /// Takes in a newer snapshot of the log.
    ///
    /// - Parameters:
    ///   - newer: The session with it.
    ///   - isOwn: `true` if this handle appended it. If others made calls, the newest request is not this handle's.
    mutating func advanced(to newer: Snapshot, isOwn: Bool = true) {
        guard newer.position.revision > snapshot.position.revision else { return }
        if !isOwn, newer.head.totals.crossings > snapshot.head.totals.crossings { memory = nil }
        if newer.head.view.revision > snapshot.head.view.revision {
            let kept = newer.view.commonPrefixCount(with: snapshot.view)
            let opening = snapshot.rendering.opening
            let bytes = snapshot.rendering.byteOffset(ofEntry: kept) ?? 0
            memory?.cut(toBytes: newer.rendering.opening == opening ? opening.readableBytes + bytes : 0)
        }
        snapshot = newer
    }

    /// Records that a history needs no repair.
    mutating func found(sound checked: Snapshot) {
        if snapshot.position == checked.position { snapshot.soundCount = checked.soundCount }
    }

    /// Records that a commit met batches that were not known here.
    mutating func metOthers() {
        looks = Self.lookCount
    }

    /// Brings the session at the beginning of a turn up to the handle's knowledge.
    func reread(_ checkout: inout Checkout) {
        checkout.snapshot = snapshot
        checkout.memory = memory
    }

    /// Records that a turn checked the store for newer batches before its first call.
    mutating func looked(foundNews: Bool) {
        looks = foundNews ? Self.lookCount : max(0, looks - 1)
    }
}
