extension ModelSession: TurnSession {
    var observers: [any TurnObserver] { boundary.observers }

    var log: SessionLog { boundary.log }

    var clock: any Clock<Duration> { boundary.clock }

    func timestamp() -> Timestamp { boundary.timestamp() }

    func newest(withViewOf earlier: Snapshot) -> Snapshot? {
        let position = earlier.position
        // The snapshot is copied only if it is another one.
        let newest = withState { $0.snapshot.position == position ? nil : $0.snapshot }
        guard let newest, newest.hasSameView(as: earlier) else { return nil }
        return newest
    }

    func stepped(to snapshot: Snapshot) {
        advance(to: snapshot, isOwn: true)
    }

    func giveBack(_ calls: [Crossing], after base: LogEnd) {
        boundary.unrecorded.add(calls, of: life, after: base)
    }

    func takeUnrecordedCalls() -> [Crossing] {
        boundary.unrecorded.takeKnown(life)?.crossings ?? []
    }

    func metOthers() {
        withState { $0.metOthers() }
    }

    @discardableResult
    func advance(over missing: [EncodedBatch], from base: Snapshot) -> Position {
        // The next refresh or commit detects and reports a log that does not follow.
        if let newer = try? base.following(missing) { advance(to: newer, isOwn: false) }
        return missing.last?.position ?? base.position
    }

    func turnCommitted(_ turn: TurnID, as snapshot: Snapshot, memory: RequestMemory?) {
        withState { $0.turnCommitted(turn, as: snapshot, memory: memory) }
        shared?.learn(snapshot)
        boundary.openTurns.ended(turn)
        gate?.turnEnded(turn)
    }

    func turnEnded(_ turn: TurnID, memory: RequestMemory?, leaving calls: UnrecordedCalls?) {
        withState { $0.turnEnded(turn, memory: memory) }
        let unrecorded = boundary.unrecorded
        switch calls {
        case nil: break
        case .missing(let calls, let base, let isFailing, let isAnnounced):
            unrecorded.add(calls, of: life, after: base, isFailing: isFailing, isAnnounced: isAnnounced)
        case .unknown(let calls, let base):
            unrecorded.add(unknown: CallRecord(key: key, turn: turn, base: base, crossings: calls), of: life)
        case .lost(let calls): unrecorded.forget(calls)
        }
    }

    func recordCalls(until deadline: Duration) async {
        _ = await flushLedger(until: deadline, isShielded: false)
    }

    func turnSettled(_ turn: TurnID) {
        withState { $0.turnSettled(turn) }
        boundary.openTurns.ended(turn)
        gate?.turnEnded(turn)
    }
}
