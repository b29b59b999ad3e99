/// The turn that is in the way of others: the open one, or the first of the queue.
struct TurnInTheWay: Sendable {
    let turn: TurnID
    let lease: TurnLease
    /// The revision of its newest batch, or that since which it may be opened.
    let revision: Revision
    /// The time of its beginning; `nil` in the queue.
    let opened: Timestamp?
    let isWaiting: Bool
}

extension Snapshot {
    /// The turn that is in the way of others; `nil` if none is.
    var turnInTheWay: TurnInTheWay? {
        if let open = turns?.open {
            return TurnInTheWay(
                turn: open.turn,
                lease: open.lease,
                revision: open.revision,
                opened: open.opened,
                isWaiting: open.isWaiting
            )
        }
        guard let first = turns?.queue.first else { return nil }
        return TurnInTheWay(
            turn: first.turn,
            lease: first.lease,
            revision: max(first.revision, turns?.freeSince ?? 0),
            opened: nil,
            isWaiting: false
        )
    }
}

extension ModelSession {
    /// Returns the time since which the turn in the way has given no sign of life, as this process saw it.
    ///
    /// - Parameters:
    ///   - other: The turn.
    ///   - renewals: The count of renewals; 0 if none is known.
    /// - Returns: The time.
    private func silence(of other: TurnInTheWay, renewals: UInt64) -> Duration {
        let sign = OpenTurnRegister.Sign(turn: other.turn, revision: other.revision, renewals: renewals)
        let now = boundary.now()
        return now - boundary.openTurns.firstSeen(sign, of: life, now: now)
    }

    /// Reads the signs of life of the turn in the way, if that is one of another process, and new batches.
    ///
    /// - Returns: `true` if its holder has given no sign of life for its term. A turn of this process that does not run
    ///   here any more is silent at once.
    /// - Throws: ``SessionError``.
    func isSilent(inTheWayOf base: inout Snapshot, _ cost: inout StoreCost) async throws(SessionError) -> Bool {
        while let other = base.turnInTheWay, !other.isWaiting {
            if other.lease.holder == boundary.openTurns.holder { return !boundary.openTurns.isLive(other.turn) }
            cost.roundTrips += 1
            switch try await boundary.log.lease(of: key) {
            case .lease(let turn, let renewals, let position):
                if position != base.position {
                    try await update(&base, &cost)
                    continue
                }
                return silence(of: other, renewals: turn == other.turn ? renewals : 0) > other.lease.term
            case .unsupported:
                let known = base.position
                try await update(&base, &cost)
                if base.position != known { continue }
                return silence(of: other, renewals: 0) > other.lease.term
            case .gone(let absence): throw .gone(key, absence)
            }
        }
        return false
    }

    /// Takes in newer batches.
    func update(_ base: inout Snapshot, _ cost: inout StoreCost) async throws(SessionError) {
        base = try await boundary.log.refreshed(base, cost: &cost)
        advance(to: base, isOwn: false)
    }

    /// Returns what is known of the turn in the way, for the error of a turn that is refused.
    func conflict(with turn: TurnID, in base: Snapshot) -> OpenTurnConflict {
        guard let other = base.turnInTheWay else {
            return OpenTurnConflict(
                turn: turn,
                holder: boundary.openTurns.holder,
                since: nil,
                retryAfter: .zero,
                isWaiting: false
            )
        }
        return OpenTurnConflict(
            turn: other.turn,
            holder: other.lease.holder,
            since: other.opened,
            retryAfter: other.lease.term,
            isWaiting: other.isWaiting
        )
    }

    /// Pauses before the next look at a session that is waited for, at least 250 ms.
    ///
    /// - Throws: ``SessionError/cancelled(draft:)``.
    func pause(after looks: Int) async throws(SessionError) {
        let longest = min(Self.shortestPause * (1 << min(looks, 4)), Self.longestPause)
        let pause = Self.shortestPause + (longest - Self.shortestPause) * Double.random(in: 0...1)
        do { try await boundary.clock.sleep(for: pause) } catch { throw .cancelled() }
    }
}
