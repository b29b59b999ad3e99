extension Boundary {
    /// The calls that the ledgers of this boundary's sessions lack now.
    ///
    /// - Complexity: O(1).
    public var ledgerDebt: LedgerDebt { keeper.debt }

    /// Records calls that ledgers lack, as they come up, until the task is cancelled.
    ///
    /// The boundary keeps the calls of streams that were dropped, of turns that were cancelled, and of turns whose record
    /// the store did not take. The next batch of any handle of the session has them, or this writes them: at once, then
    /// again after 100 ms, and after at most 5 s while the store fails or a session cannot be read. Run it in one task
    /// for the life of the process:
    ///
    /// ```swift
    /// group.addTask { try await boundary.run() }
    /// ```
    ///
    /// When the task is cancelled, what is owed is written once more, until the store fails or 5 s have passed. It returns
    /// after 5 s although the store hangs; the record then ends when the store does. With `ServiceLifecycle`, wrap it in
    /// `cancelWhenGracefulShutdown`.
    ///
    /// - Precondition: It is not running for this boundary or a copy of it.
    public func run() async throws {
        let announcements = keeper.startAnnouncing()
        defer { keeper.stopAnnouncing() }
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

    /// How long `run()` goes on when it is cancelled.
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

    /// Records what is owed to all sessions.
    ///
    /// - Parameter deadline: When to begin no further record; a failure of the store ends it then, too. `nil` to try
    ///   each session.
    /// - Returns: `true` if nothing is owed any more.
    @discardableResult
    private func recordAll(until deadline: Duration? = nil) async -> Bool {
        var isClear = true
        for name in keeper.names {
            if let deadline, now() >= deadline { return false }
            var failures: [SessionError?] = []
            for calls in keeper.takeDoubts(name) {
                failures.append(await recordAnew(calls, isDoubtful: true, isLast: deadline != nil))
            }
            if let owed = keeper.takeOwed(name) {
                let calls = DoubtfulCalls(
                    key: name.key,
                    turn: .random(),
                    base: owed.base,
                    sent: owed.sent,
                    crossings: owed.crossings
                )
                failures.append(await recordAnew(calls, isDoubtful: false, isLast: deadline != nil))
            }
            for case let failure? in failures where failure.leavesCallsOwed {
                isClear = false
                if deadline != nil, case .store = failure { return false }
            }
        }
        return isClear
    }

    /// Records calls for `run()`, which finds by itself what stays owed.
    ///
    /// - Returns: Why the calls are not in the ledger; `nil` if they are.
    private func recordAnew(_ calls: DoubtfulCalls, isDoubtful: Bool, isLast: Bool) async -> SessionError? {
        await record(calls, isDoubtful: isDoubtful, isShielded: isLast, isAnnounced: isLast).failure
    }

    /// The result of an attempt to record calls.
    struct Recording: Sendable {
        /// Why the calls are not in the ledger; `nil` if they are.
        var failure: SessionError?
        /// The cost of the attempts to append.
        var cost = StoreCost()
        /// The batches after the calls' base, as far as they became known, the record included.
        var batches: [EncodedBatch] = []
        /// Whether the record is the only one of the batches.
        var isAlone: Bool { failure == nil && batches.count == 1 && cost.roundTrips == 1 }
    }

    /// Appends a batch of calls, unless a batch of their turn is there already.
    ///
    /// If it fails the calls are owed again. If their session is gone they are forgotten, and counted.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - isDoubtful: Whether they may be in the ledger already.
    ///   - isShielded: Whether the store is to be asked although the task is cancelled.
    ///   - isAnnounced: Whether `run()` is to try again; `false` for `run()` itself, which would not pause otherwise.
    /// - Returns: What became of the calls, and of the log meanwhile.
    func record(
        _ calls: DoubtfulCalls,
        isDoubtful: Bool,
        isShielded: Bool,
        isAnnounced: Bool = true
    ) async -> Recording {
        var (calls, isDoubtful) = (calls, isDoubtful)
        var recording = Recording()
        let name = LedgerDebts.Name(key: calls.key, incarnation: calls.base.position.incarnation)
        do throws(SessionError) {
            try await append(&calls, &isDoubtful, &recording, isShielded: isShielded)
        } catch {
            recording.failure = error
            // Once doubtful they stay with their turn, whose draft has them too, until they are in the ledger.
            switch error {
            case .gone, .regressed: keeper.forget(calls.crossings)
            case _ where isDoubtful: keeper.doubt(calls, of: name, isAnnounced: isAnnounced)
            default:
                keeper.owe(
                    calls.crossings,
                    of: name,
                    after: calls.base,
                    isFailing: true,
                    isAnnounced: isAnnounced
                )
            }
        }
        return recording
    }

    private func append(
        _ calls: inout DoubtfulCalls,
        _ isDoubtful: inout Bool,
        _ recording: inout Recording,
        isShielded: Bool
    ) async throws(SessionError) {
        let deadline = now() + SessionLog.patience
        while true {
            let batch = calls.base.recording(calls, created: timestamp())
            let result: SessionLog.Appended
            do throws(SessionError) {
                result = try await log.append(
                    batch,
                    to: calls.key,
                    expecting: calls.base.position,
                    until: deadline,
                    isShielded: isShielded,
                    cost: &recording.cost
                )
            } catch {
                if case .store(let error) = error, error.committed != .no { isDoubtful = true }
                throw error
            }
            switch result {
            case .committed, .duplicate:
                recording.batches.append(batch)
                return
            case .stale(let missing):
                recording.batches += missing
                do throws(LogError) { calls.base = try calls.base.following(missing) } catch {
                    throw SessionError(error, of: calls.key)
                }
                let turn = calls.turn
                if missing.contains(where: { $0.turn == turn }) { return }
                guard now() < deadline else {
                    let message = "other writers of the session were faster for 10 seconds"
                    throw .store(StoreError(.unavailable, committed: .no, message: message))
                }
            }
        }
    }
}

extension SessionError {
    /// `false` if there is no log any more in which calls could be recorded.
    fileprivate var leavesCallsOwed: Bool {
        switch self {
        case .gone, .regressed: false
        default: true
        }
    }
}
