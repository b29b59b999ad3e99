/// The repair of a history that a turn begins with.
struct TurnRepair: Sendable {
    /// The entries that the turn adds before its prompt.
    var entries: [Entry] = []
    /// All repairs, those of a batch of their own too.
    var report = RepairReport()
}

extension ModelSession {
    /// The number of entries from which on a check is remembered before the turn is committed.
    private static var longCheck: Int { 64 }

    /// Repairs the history, so that providers accept it.
    ///
    /// If entries at the end are all that it lacks, the turn adds them. Else the repair is a batch of its own, before the
    /// turn's first call.
    ///
    /// - Throws: ``SessionError``: openToolCalls or unsoundHistory if a policy says so; if a batch is appended: gone,
    ///   regressed, store, corruptLog or unreadableLog.
    /// - Complexity: O(*k*) in the size of the entries since the last turn; O(*n*) the first time.
    func repair(
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> TurnRepair {
        var result = TurnRepair()
        while let repaired = checkout.snapshot.repaired() {
            let repair = repaired.repair
            guard repair.openCalls.isEmpty || configuration.orphans != .fail else {
                throw .openToolCalls(repair.openCalls)
            }
            guard configuration.repairs == .automatic else { throw .unsoundHistory(key, repair.report) }
            if let additions = repair.additions {
                result.entries = additions
                result.report.add(repair.report)
                return result
            }
            if try await append(repaired, &checkout, stopwatch) { result.report.add(repair.report) }
        }
        let count = checkout.snapshot.transcript.count
        let checked = count - checkout.snapshot.soundCount
        checkout.snapshot.soundCount = count
        if checked > Self.longCheck { remember(checkout.snapshot) }
        return result
    }

    /// Appends a repair.
    ///
    /// - Returns: `false` if other writers came first: the history has to be looked at again.
    private func append(
        _ repaired: Snapshot.ViewRepair,
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> Bool {
        stopwatch.lap(.cacheLookup)
        let base = checkout.snapshot
        let successor = base.successor(base.batch(of: repaired, turn: .random(), created: boundary.timestamp()))
        stopwatch.lap(.encode)
        var cost = StoreCost()
        defer {
            checkout.cost += cost
            stopwatch.lap(.storeCommit)
        }
        let appended = try await boundary.log.append(
            successor.encoded,
            making: successor.snapshot,
            to: key,
            expecting: base.position,
            until: boundary.now() + configuration.commitTimeout.bounded,
            isShielded: false,
            cost: &cost
        )
        let newest: Snapshot
        let isOwn: Bool
        switch appended {
        case .committed, .duplicate: (newest, isOwn) = (successor.snapshot, true)
        case .stale(let missing):
            let dialect = base.rendering.dialect
            newest = try boundary.log.fold(missing, of: key, for: dialect, after: base, cost: &cost)
            isOwn = false
        }
        advance(to: newest, isOwn: isOwn)
        withState { $0.reread(&checkout) }
        return isOwn
    }

    /// Keeps the knowledge that a long history is sound, so that a failed turn does not lose it.
    private func remember(_ snapshot: Snapshot) {
        withState { $0.found(sound: snapshot) }
    }
}
