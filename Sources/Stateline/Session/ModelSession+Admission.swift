internal import NIOCore

/// The admission of a turn.
enum Admitted: Sendable {
    /// The turn begins after this repair, and is not open in the log.
    case free(TurnRepair)
    /// The turn is open in the log, after this repair: the session with its opening batch.
    case opened(TurnRepair, with: Snapshot)
    /// The turn has its answer already.
    case answered(Response<String>)
    /// The turn is to run in a fork.
    case branch
}

extension ModelSession {
    /// The shortest pause between two looks at a session that is waited for.
    static let shortestPause = Duration.milliseconds(250)
    /// The longest one.
    static let longestPause = Duration.seconds(1)

    /// `true` if turns of this handle are open in the log before they are committed.
    func isLeased(key: String?) -> Bool {
        key != nil || configuration.durability == .step || configuration.policy != .optimistic
    }

    /// Waits until the turn may begin, as the policy says, and opens it in the log.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - prompt: Its input.
    ///   - isLeased: `true` to open the turn in the log.
    ///   - checkout: The session at its beginning, before the opening batch; brought up to date.
    ///   - stopwatch: Measures the wait.
    /// - Returns: The admission.
    /// - Throws: ``SessionError``.
    func admit(
        _ turn: TurnID,
        _ prompt: Prompt,
        isLeased: Bool,
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> Admitted {
        let input = Entry(.prompt(prompt.parts))
        var admission = TurnAdmission(turn: turn, input: .input(input), policy: configuration.policy)
        var cost = StoreCost()
        defer {
            checkout.cost += cost
            stopwatch.lap(.queueWait, apartFrom: StageTimes(cost))
        }
        var base = checkout.snapshot
        do throws(SessionError) {
            return try await admit(&admission, input, isLeased, &base, &checkout, &cost, stopwatch)
        } catch {
            if admission.hasPlace { await leaveQueue(turn, base) }
            throw error
        }
    }

    private func admit(
        _ admission: inout TurnAdmission,
        _ input: Entry,
        _ isLeased: Bool,
        _ base: inout Snapshot,
        _ checkout: inout HandleState.Checkout,
        _ cost: inout StoreCost,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> Admitted {
        let turn = admission.turn
        var looks = 0
        var report = RepairReport()
        while true {
            let isSilent = try await isSilent(inTheWayOf: &base, &cost)
            switch admission.action(in: base, isSilent: isSilent) {
            case .open:
                reread(&checkout, base)
                var repair = try await self.repair(&checkout, stopwatch)
                report.add(repair.report)
                repair.report = report
                if checkout.snapshot.position != base.position {
                    base = checkout.snapshot
                    continue
                }
                guard isLeased else { return .free(repair) }
                let (digest, retention) = (admission.input, configuration.turnRetention)
                let opening = TurnRecord.Opening(lease: lease, input: digest, retention: retention)
                if try await post(.opened(opening), of: turn, repair.entries + [input], after: &base, &cost) {
                    return .opened(repair, with: base)
                }
            case .answer:
                if let ended = base.turns?.ended(turn) { return .answered(Response(ended, in: base)) }
            case .refuseInput: throw .idempotencyMismatch(key, turn)
            case .refuse(let other): throw .turnIsOpen(key, conflict(with: other, in: base))
            case .refuseQueue(let limit): throw .tooManyWaitingTurns(key, limit: limit)
            case .reap(let other): try await reap(other, &base, &cost)
            case .drop(let other): _ = try await post(.left, of: other, after: &base, &cost)
            case .enqueue:
                if try await post(.queued(lease), of: turn, after: &base, &cost) { admission.hasPlace = true }
            case .supersede(let other):
                let ending = TurnRecord.Ending(.superseded(by: turn))
                _ = try await post(.ended(ending), of: other, after: &base, &cost)
            case .branch:
                return .branch
            case .steer(let other):
                if try await post(.steered, of: turn, [input], after: &base, &cost) { admission.steered = other }
            case .wait:
                try await pause(after: looks)
                looks += 1
                if base.turnInTheWay == nil || boundary.openTurns.isHolder(base.turnInTheWay?.lease.holder) {
                    try await update(&base, &cost)
                }
            }
        }
    }

    /// Brings the session at the beginning of a turn to a newer snapshot.
    private func reread(_ checkout: inout HandleState.Checkout, _ base: Snapshot) {
        guard checkout.snapshot.position != base.position else { return }
        withState { $0.reread(&checkout) }
        checkout.snapshot = base
    }

    /// The lease of turns of this process.
    var lease: TurnLease {
        TurnLease(holder: boundary.openTurns.holder, term: max(configuration.leaseTerm.bounded, .milliseconds(10)))
    }

    /// Appends an event of a turn.
    ///
    /// - Returns: `false` if the log has moved on; `base` has the newer batches then.
    func post(
        _ record: TurnRecord,
        of turn: TurnID,
        _ entries: [Entry] = [],
        after base: inout Snapshot,
        _ cost: inout StoreCost
    ) async throws(SessionError) -> Bool {
        var batch = Batch(.step, turn: turn, created: boundary.timestamp())
        batch.record = record
        batch.entries = entries
        return try await append(batch, after: &base, &cost)
    }

    /// Appends a batch.
    ///
    /// - Returns: `false` if the log has moved on; `base` has the newer batches then.
    func append(
        _ batch: Batch,
        after base: inout Snapshot,
        _ cost: inout StoreCost
    ) async throws(SessionError) -> Bool {
        let next = base.successor(batch)
        CrashPoint.reached("before \(batch.eventWord)")
        defer { CrashPoint.reached("after \(batch.eventWord)") }
        switch try await boundary.log.append(
            next.encoded,
            making: next.snapshot,
            to: key,
            expecting: base.position,
            until: boundary.now() + configuration.commitTimeout.bounded,
            cost: &cost
        ) {
        case .committed, .duplicate:
            base = next.snapshot
            advance(to: base, isOwn: true)
            return true
        case .stale(let missing):
            base = try boundary.log.fold(missing, of: key, for: base.rendering.dialect, after: base, cost: &cost)
            advance(to: base, isOwn: false)
            return false
        }
    }

    /// Gives the place in the queue up, whatever became of it; a place that stays is dropped after its term.
    private func leaveQueue(_ turn: TurnID, _ base: Snapshot) async {
        var (base, cost) = (base, StoreCost())
        do throws(SessionError) {
            while base.turns?.queue.contains(where: { $0.turn == turn }) == true {
                if try await post(.left, of: turn, after: &base, &cost) { return }
            }
        } catch {
            return
        }
    }
}

extension TurnID {
    /// Derives the id of the turn that an idempotency key names in a session.
    init(key: String, in session: SessionKey) {
        var buffer = ByteBuffer()
        for part in ["turn", session.tenant.rawValue, session.family, session.id, key] {
            buffer.writeInteger(UInt32(truncatingIfNeeded: part.utf8.count))
            buffer.writeString(part)
        }
        var digest = ByteBuffer()
        Digest.sha256(buffer).write(to: &digest)
        self.init(rawValue: digest.readInteger() ?? 0)
    }
}
