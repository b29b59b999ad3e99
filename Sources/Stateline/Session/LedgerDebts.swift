/// The calls that ledgers lack, apart from lock and I/O: the debts of all sessions of a boundary.
///
/// They outlive the handles and the turns that made the calls. A debt ends when a batch with the calls is in the log, or
/// with the session.
struct LedgerDebts: Sendable {
    /// One life of a session.
    struct Name: Hashable, Sendable {
        let key: SessionKey
        let incarnation: Incarnation
    }

    /// Calls that are certainly not in the ledger.
    struct Owed: Sendable {
        /// The newest head that is known of their session.
        var base: Head
        /// The head whose view the newest of the calls carried.
        var sent: Head
        var crossings: [Crossing] = []

        init(base: Head) {
            self.base = base
            self.sent = base
        }
    }

    private struct Debt {
        var owed: Owed
        /// The calls that may be in the ledger, the longest doubted first.
        var doubts: [DoubtfulCalls] = []
        /// Whether the store failed when the calls were last to be written.
        var isFailing = false
        /// The number of calls.
        var callCount: Int { doubts.reduce(owed.crossings.count) { $0 + $1.crossings.count } }
    }

    /// The most sessions without calls of which it is kept that the store failed.
    private static let failingLimit = 1024

    private var debts: [Name: Debt] = [:]
    /// The number of calls that are kept.
    private(set) var callCount = 0
    /// The number of sessions without calls of which it is kept that the store failed.
    private var failingCount = 0
    /// The number of calls that were dropped: there was no room, their session is gone, or the store went back.
    private(set) var forgottenCount = 0
    private let limit: Int

    /// Makes debts of nothing.
    ///
    /// - Parameter limit: The most calls that are kept.
    init(limit: Int) {
        self.limit = limit
    }

    /// The sessions to which calls are owed.
    var names: [Name] { debts.filter { $0.value.callCount > 0 }.map(\.key) }

    /// Whether nothing is kept of any session.
    var isEmpty: Bool { debts.isEmpty }

    /// Returns `true` if a session's next turn has to find out first whether the store takes batches.
    func isPressing(_ name: Name) -> Bool {
        debts[name].map { $0.isFailing || !$0.doubts.isEmpty } ?? false
    }

    /// Calls were made, and no batch with them is in the log.
    ///
    /// Those that fit the limit are kept, the oldest first. That the store failed is kept without any call, too.
    mutating func owe(_ crossings: [Crossing], of name: Name, after base: Head, isFailing: Bool) {
        let kept = crossings.prefix(takeRoom(crossings.count))
        guard !kept.isEmpty || isFailing else { return }
        change(name, after: base) { debt in
            if base.revision > debt.owed.base.revision { debt.owed.base = base }
            if !kept.isEmpty { debt.owed.sent = base }
            debt.owed.crossings += kept
            debt.isFailing = debt.isFailing || isFailing
        }
    }

    /// A batch that holds calls had an unknown outcome.
    ///
    /// The calls that fit the limit are kept, the oldest first.
    mutating func doubt(_ calls: DoubtfulCalls, of name: Name) {
        let kept = calls.keeping(takeRoom(calls.crossings.count))
        change(name, after: calls.base) { debt in
            if kept.crossings.isEmpty { debt.isFailing = true } else { debt.doubts.append(kept) }
        }
    }

    /// Hands over the calls that are certainly not in the ledger, to be written with the next batch.
    ///
    /// - Returns: The calls, none if it is only kept that the store failed; `nil` if there is nothing to find out.
    mutating func takeOwed(_ name: Name) -> Owed? {
        guard let debt = debts[name], !debt.owed.crossings.isEmpty || debt.isFailing else { return nil }
        callCount -= debt.owed.crossings.count
        change(name, after: debt.owed.base) { debt in
            debt.owed.crossings = []
            debt.isFailing = false
        }
        return debt.owed
    }

    /// Hands over the calls that may be in the ledger, to find out.
    mutating func takeDoubts(_ name: Name) -> [DoubtfulCalls] {
        takeDoubts(name) { _ in true }
    }

    /// A batch of a turn that holds its calls is in the log.
    mutating func recorded(_ turn: TurnID, of name: Name) {
        _ = takeDoubts(name) { $0.turn == turn }
    }

    /// There is no log any more that could show the calls.
    mutating func forget(_ count: Int) {
        forgottenCount += count
    }

    private mutating func takeDoubts(_ name: Name, _ isTaken: (DoubtfulCalls) -> Bool) -> [DoubtfulCalls] {
        guard let debt = debts[name], debt.doubts.contains(where: isTaken) else { return [] }
        let taken = debt.doubts.filter(isTaken)
        callCount -= taken.reduce(0) { $0 + $1.crossings.count }
        change(name, after: debt.owed.base) { $0.doubts = debt.doubts.filter { !isTaken($0) } }
        return taken
    }

    /// Changes the debt of a session, and drops it if it says nothing.
    private mutating func change(_ name: Name, after base: Head, _ body: (inout Debt) -> Void) {
        var debt = debts[name] ?? Debt(owed: Owed(base: base))
        if debts[name] != nil, debt.callCount == 0 { failingCount -= 1 }
        body(&debt)
        debts[name] = debt
        guard debt.callCount == 0 else { return }
        if debt.isFailing, failingCount < Self.failingLimit { failingCount += 1 } else { debts[name] = nil }
    }

    /// Takes room for calls, and counts those that have none as forgotten.
    ///
    /// - Returns: The number of calls that fit.
    private mutating func takeRoom(_ count: Int) -> Int {
        let kept = min(count, max(limit - callCount, 0))
        forgottenCount += count - kept
        callCount += kept
        return kept
    }
}
