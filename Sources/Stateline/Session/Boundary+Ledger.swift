internal import NIOConcurrencyHelpers

extension Boundary {
    /// The numbers of calls that the ledgers of this boundary's sessions lack now.
    ///
    /// - Complexity: O(1).
    public var unrecordedCalls: UnrecordedCallCounts { unrecorded.counts }

    /// Records calls that ledgers lack, as they come up, until the task is cancelled.
    ///
    /// The boundary keeps the calls of streams that were dropped, of turns that were cancelled, and of turns whose record
    /// the store did not take. The next batch of any handle of the session records them, or this does: at once, then
    /// again after 100 ms, and after at most 5 s while the store fails or a session cannot be read. A session that waits
    /// for its store, or for its next attempt, does not delay the others. Run it in one task for the life of the process:
    ///
    /// ```swift
    /// group.addTask { try await boundary.run() }
    /// ```
    ///
    /// When the task is cancelled, the remaining calls are written once more, until the store fails or 5 s have passed. It
    /// returns after 5 s although the store hangs; the record then ends when the store does. With `ServiceLifecycle`, wrap
    /// it in `cancelWhenGracefulShutdown`.
    ///
    /// - Precondition: It is not running for this boundary or a copy of it.
    public func run() async throws {
        let announcements = unrecorded.startAnnouncing()
        defer { unrecorded.stopAnnouncing() }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (cancellations, cancellation) = AsyncStream.makeStream(of: Void.self)
        // Tasks of their own: a store that hangs can hold the work, and must not hold the caller.
        let work = Task {
            await recordAll(at: announcements)
            end.finish()
        }
        let limit = Task {
            for await _ in cancellations {}
            try await clock.sleep(for: Self.lastRecordLimit)
            end.finish()
        }
        let waiting = Task { for await _ in ends {} }
        await withTaskCancellationHandler {
            await waiting.value
        } onCancel: {
            work.cancel()
            cancellation.finish()
        }
        limit.cancel()
    }

    /// The time for which `run()` continues when it is cancelled.
    private static let lastRecordLimit = Duration.seconds(5)

    private func recordAll(at announcements: AsyncStream<Void>) async {
        // The sessions that have a task.
        let busy = NIOLockedValueBox<Set<SessionLife>>([])
        await withDiscardingTaskGroup { group in
            for await _ in announcements {
                for session in unrecorded.sessions
                where busy.withLockedValue({ $0.insert(session).inserted }) {
                    group.addTask {
                        await recordInTheEnd(session)
                        _ = busy.withLockedValue { $0.remove(session) }
                        // For calls that were announced while the session had this task.
                        unrecorded.announce(session)
                    }
                }
            }
        }
        await recordOnceMore()
    }

    /// Records the calls of a session, with longer and longer pauses between attempts, until the task is cancelled.
    private func recordInTheEnd(_ session: SessionLife) async {
        var pause = Duration.milliseconds(100)
        while true {
            let failures = await record(session, until: now() + SessionLog.patience, isLast: false)
            guard failures.contains(where: \.leavesCallsUnrecorded) else { return }
            do { try await clock.sleep(for: pause) } catch { return }
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// Records the calls of all sessions, until the store fails or the time for it has passed.
    private func recordOnceMore() async {
        let deadline = now() + Self.lastRecordLimit
        var waiting = unrecorded.sessions[...]
        await withTaskGroup(of: Bool.self) { group in
            func addNext() {
                guard now() < deadline, let session = waiting.popFirst() else { return }
                group.addTask {
                    await record(session, until: deadline, isLast: true)
                        .allSatisfy { failure in
                            if case .store = failure { false } else { true }
                        }
                }
            }
            for _ in 0..<Self.lastRecordCount { addNext() }
            for await storeAnswers in group {
                if storeAnswers { addNext() } else { waiting = [] }
            }
        }
    }

    /// The number of sessions whose calls are written at the same time when `run()` is cancelled.
    private static let lastRecordCount = 16

    /// Records the calls of a session for `run()`, which finds by itself the calls that stay unrecorded.
    ///
    /// - Returns: The reasons why calls are not in the ledger; none if they are.
    private func record(_ session: SessionLife, until deadline: Duration, isLast: Bool) async -> [SessionError] {
        var failures: [SessionError] = []
        func write(_ record: CallRecord, maybeCommitted: Bool) async {
            let recording = await self.write(
                record,
                maybeCommitted: maybeCommitted,
                until: deadline,
                isShielded: isLast,
                isAnnounced: isLast
            )
            if let failure = recording.failure { failures.append(failure) }
        }
        for record in unrecorded.takeUnknown(session) { await write(record, maybeCommitted: true) }
        if let known = unrecorded.takeKnown(session) {
            let record = CallRecord(
                key: session.key,
                turn: .random(),
                base: known.base,
                sent: known.sent,
                crossings: known.crossings
            )
            await write(record, maybeCommitted: false)
        }
        return failures
    }

    /// The result of an attempt to record calls.
    struct Recording: Sendable {
        /// The reason why the calls are not in the ledger; `nil` if they are.
        var failure: SessionError?
        /// The cost of the attempts to append.
        var cost = StoreCost()
        /// The batches after the record's base, as far as they became known, the record's own included.
        var batches: [EncodedBatch] = []
        /// `true` if the record's batch is the only one.
        var isAlone: Bool { failure == nil && batches.count == 1 && cost.roundTrips == 1 }
    }

    /// Appends a batch of calls, unless a batch of their turn is in the log already.
    ///
    /// If it fails the calls are unrecorded again. If their session is gone they are forgotten, and counted.
    ///
    /// - Parameters:
    ///   - record: The calls.
    ///   - maybeCommitted: `true` if a batch with the calls may be in the log.
    ///   - deadline: The time at which to give up; an attempt that is under way then may be committed.
    ///   - isShielded: `true` to ask the store although the task is cancelled.
    ///   - isAnnounced: `true` if `run()` is to try again; `false` for `run()` itself, which would not pause otherwise.
    /// - Returns: The outcome, and the batches that became known meanwhile.
    func write(
        _ record: CallRecord,
        maybeCommitted: Bool,
        until deadline: Duration,
        isShielded: Bool,
        isAnnounced: Bool = true
    ) async -> Recording {
        var (record, maybeCommitted) = (record, maybeCommitted)
        var recording = Recording()
        let session = SessionLife(key: record.key, incarnation: record.base.position.incarnation)
        do throws(SessionError) {
            try await append(&record, &maybeCommitted, &recording, until: deadline, isShielded: isShielded)
        } catch {
            recording.failure = error
            // Once their outcome is unknown, the calls stay with their turn until they are in the ledger: its draft holds
            // them too.
            switch error {
            case .gone, .regressed: unrecorded.forget(record.crossings)
            case _ where maybeCommitted: unrecorded.add(unknown: record, of: session, isAnnounced: isAnnounced)
            default:
                unrecorded.add(
                    record.crossings,
                    of: session,
                    after: record.base,
                    isFailing: true,
                    isAnnounced: isAnnounced
                )
            }
        }
        return recording
    }

    private func append(
        _ record: inout CallRecord,
        _ maybeCommitted: inout Bool,
        _ recording: inout Recording,
        until deadline: Duration,
        isShielded: Bool
    ) async throws(SessionError) {
        while true {
            guard now() < deadline else {
                let message = "calls were not recorded: the time for it had passed"
                throw .store(StoreError(.unavailable, committed: .no, message: message))
            }
            let batch = record.base.recording(record, created: timestamp())
            let result: SessionLog.Appended
            do throws(SessionError) {
                result = try await log.append(
                    batch,
                    to: record.key,
                    expecting: record.base.position,
                    until: deadline,
                    isShielded: isShielded,
                    cost: &recording.cost
                )
            } catch {
                if case .store(let error) = error, error.committed != .no { maybeCommitted = true }
                throw error
            }
            switch result {
            case .committed, .duplicate:
                recording.batches.append(batch)
                return
            case .stale(let missing):
                recording.batches += missing
                do throws(LogError) { record.base = try record.base.following(missing) } catch {
                    throw SessionError(error, of: record.key)
                }
                let turn = record.turn
                if missing.contains(where: { $0.turn == turn }) { return }
            }
        }
    }
}

extension SessionError {
    /// `false` if there is no log any more in which calls could be recorded.
    fileprivate var leavesCallsUnrecorded: Bool {
        switch self {
        case .gone, .regressed: false
        default: true
        }
    }
}
