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

    /// Calls that are certainly not in the ledger, and the newest head that is known of their session.
    struct Owed: Sendable {
        var base: Head
        var crossings: [Crossing] = []
    }

    private struct Debt {
        var owed: Owed
        /// The calls that may be in the ledger, the longest doubted first.
        var doubts: [DoubtfulCalls] = []
        /// Whether the store failed when the calls were last to be written.
        var isFailing = false
    }

    private var debts: [Name: Debt] = [:]
    /// The number of calls that are kept.
    private(set) var callCount = 0
    /// The number of calls that were dropped: there was no room, or the store went back.
    private(set) var forgottenCount = 0
    private let limit: Int

    /// Makes debts of nothing.
    ///
    /// - Parameter limit: The most calls that are kept.
    init(limit: Int) {
        self.limit = limit
    }

    /// The sessions that have debts.
    var names: [Name] { Array(debts.keys) }

    /// Returns `true` if a session's next turn has to find out first whether the store takes batches.
    func isPressing(_ name: Name) -> Bool {
        debts[name].map { $0.isFailing || !$0.doubts.isEmpty } ?? false
    }

    /// Calls were made, and no batch with them is in the log.
    mutating func owe(_ crossings: [Crossing], of name: Name, after base: Head, isFailing: Bool) {
        guard takesRoom(crossings.count) else { return }
        var debt = debts[name] ?? Debt(owed: Owed(base: base))
        if base.revision > debt.owed.base.revision { debt.owed.base = base }
        debt.owed.crossings += crossings
        debt.isFailing = debt.isFailing || isFailing
        debts[name] = debt
    }

    /// A batch that holds calls had an unknown outcome.
    mutating func doubt(_ calls: DoubtfulCalls, of name: Name) {
        guard takesRoom(calls.crossings.count) else { return }
        debts[name, default: Debt(owed: Owed(base: calls.base))].doubts.append(calls)
    }

    /// Hands over the calls that are certainly not in the ledger, to be written with the next batch.
    mutating func takeOwed(_ name: Name) -> Owed? {
        guard var debt = debts[name], !debt.owed.crossings.isEmpty else { return nil }
        let owed = debt.owed
        callCount -= owed.crossings.count
        debt.owed.crossings = []
        debt.isFailing = false
        debts[name] = debt.doubts.isEmpty ? nil : debt
        return owed
    }

    /// Hands over the calls that may be in the ledger, to find out.
    mutating func takeDoubts(_ name: Name) -> [DoubtfulCalls] {
        guard let doubts = debts[name]?.doubts, !doubts.isEmpty else { return [] }
        callCount -= doubts.reduce(0) { $0 + $1.crossings.count }
        debts[name]?.doubts = []
        if debts[name]?.owed.crossings.isEmpty ?? true { debts[name] = nil }
        return doubts
    }

    /// A batch of a turn that holds its calls is in the log.
    mutating func recorded(_ turn: TurnID, of name: Name) {
        guard let doubts = debts[name]?.doubts, doubts.contains(where: { $0.turn == turn }) else { return }
        let (settled, rest) = (doubts.filter { $0.turn == turn }, doubts.filter { $0.turn != turn })
        callCount -= settled.reduce(0) { $0 + $1.crossings.count }
        debts[name]?.doubts = rest
        if rest.isEmpty, debts[name]?.owed.crossings.isEmpty ?? true { debts[name] = nil }
    }

    /// There is no log any more that could show the calls.
    mutating func forget(_ count: Int) {
        forgottenCount += count
    }

    private mutating func takesRoom(_ count: Int) -> Bool {
        guard count > 0 else { return false }
        guard callCount + count <= limit else {
            forgottenCount += count
            return false
        }
        callCount += count
        return true
    }
}
