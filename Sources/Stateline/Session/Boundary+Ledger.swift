extension Boundary {
    /// The numbers of calls that the ledgers of this boundary's sessions lack now.
    ///
    /// - Complexity: O(1).
    public var unrecordedCalls: UnrecordedCallCounts { unrecorded.counts }

    /// Records calls that ledgers lack, as they come up, until the task is cancelled.
    ///
    /// The boundary keeps the calls of streams that were dropped, of turns that were cancelled, and of turns whose record
    /// the store did not take. The next batch of any handle of the session records them, or this does: at once, then
    /// again after 100 ms, and after at most 5 s while the store fails or a session cannot be read. Run it in one task
    /// for the life of the process:
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
        for await _ in announcements {
            var pause = Duration.milliseconds(100)
            while await !recordAll() {
                do { try await clock.sleep(for: pause) } catch { break }
                pause = min(pause * 2, .seconds(5))
            }
        }
        await recordAll(until: now() + Self.lastRecordLimit)
    }

    /// Records the calls of all sessions.
    ///
    /// - Parameter deadline: The time from which no further record begins; a failure of the store ends the recording then,
    ///   too. `nil` to try each session.
    /// - Returns: `true` if no call is left to record.
    @discardableResult
    private func recordAll(until deadline: Duration? = nil) async -> Bool {
        var isClear = true
        for session in unrecorded.sessions {
            if let deadline, now() >= deadline { return false }
            var failures: [SessionError?] = []
            for record in unrecorded.takeUnknown(session) {
                failures.append(await writeAgain(record, maybeCommitted: true, isLast: deadline != nil))
            }
            if let known = unrecorded.takeKnown(session) {
                let record = CallRecord(
                    key: session.key,
                    turn: .random(),
                    base: known.base,
                    sent: known.sent,
                    crossings: known.crossings
                )
                failures.append(await writeAgain(record, maybeCommitted: false, isLast: deadline != nil))
            }
            for case let failure? in failures where failure.leavesCallsUnrecorded {
                isClear = false
                if deadline != nil, case .store = failure { return false }
            }
        }
        return isClear
    }

    /// Writes a record for `run()`, which finds by itself the calls that stay unrecorded.
    ///
    /// - Returns: The reason why the calls are not in the ledger; `nil` if they are.
    private func writeAgain(_ record: CallRecord, maybeCommitted: Bool, isLast: Bool) async -> SessionError? {
        await write(record, maybeCommitted: maybeCommitted, isShielded: isLast, isAnnounced: isLast).failure
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
    ///   - isShielded: `true` to ask the store although the task is cancelled.
    ///   - isAnnounced: `true` if `run()` is to try again; `false` for `run()` itself, which would not pause otherwise.
    /// - Returns: The outcome, and the batches that became known meanwhile.
    func write(
        _ record: CallRecord,
        maybeCommitted: Bool,
        isShielded: Bool,
        isAnnounced: Bool = true
    ) async -> Recording {
        var (record, maybeCommitted) = (record, maybeCommitted)
        var recording = Recording()
        let session = SessionLife(key: record.key, incarnation: record.base.position.incarnation)
        do throws(SessionError) {
            try await append(&record, &maybeCommitted, &recording, isShielded: isShielded)
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
        isShielded: Bool
    ) async throws(SessionError) {
        let deadline = now() + SessionLog.patience
        while true {
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
                guard now() < deadline else {
                    let message = "calls were not recorded: commits of other writers conflicted for 10 s"
                    throw .store(StoreError(.unavailable, committed: .no, message: message))
                }
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
