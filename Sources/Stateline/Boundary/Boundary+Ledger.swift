extension Boundary {
    /// The calls that the ledgers of this boundary's sessions lack now.
    ///
    /// - Complexity: O(1).
    public var ledgerDebt: LedgerDebt { keeper.debt }

    /// Records calls that ledgers lack, as they come up, until the task is cancelled.
    ///
    /// The boundary keeps the calls of streams that were dropped, of turns that were cancelled, and of turns whose record
    /// the store did not take. The next batch of any handle of the session has them, or this writes them: at once, then
    /// again after 100 ms, and after at most 5 s while the store fails. Run it in one task for the life of the process:
    ///
    /// ```swift
    /// group.addTask { try await boundary.run() }
    /// ```
    ///
    /// When the task is cancelled, what is owed is written once more, until the store fails or 5 s have passed. With
    /// `ServiceLifecycle`, wrap it in `cancelWhenGracefulShutdown`.
    ///
    /// - Precondition: It is not running for this boundary or a copy of it.
    public func run() async throws {
        let announcements = keeper.startAnnouncing()
        defer { keeper.stopAnnouncing() }
        for await _ in announcements {
            var pause = Duration.milliseconds(100)
            while await !recordAll() {
                do { try await clock.sleep(for: pause) } catch { break }
                pause = min(pause * 2, .seconds(5))
            }
        }
        await recordAll(until: now() + .seconds(5))
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
            var failure: SessionError?
            for calls in keeper.takeDoubts(name) {
                failure = await record(calls, isDoubtful: true, isShielded: deadline != nil).failure ?? failure
            }
            if let owed = keeper.takeOwed(name) {
                let calls = DoubtfulCalls(key: name.key, turn: .random(), base: owed.base, crossings: owed.crossings)
                failure = await record(calls, isDoubtful: false, isShielded: deadline != nil).failure ?? failure
            }
            guard case .store = failure else { continue }
            isClear = false
            if deadline != nil { return false }
        }
        return isClear
    }

    /// The result of an attempt to record calls.
    struct Recording: Sendable {
        /// Why the calls are not in the ledger; `nil` if they are.
        var failure: SessionError?
        /// The number of attempts to append.
        var roundTrips = 0
        /// The batches after the calls' base, as far as they became known, the record included.
        var batches: [EncodedBatch] = []
        /// Whether the record is the only one of the batches.
        var isAlone: Bool { failure == nil && batches.count == 1 && roundTrips == 1 }
    }

    /// Appends a batch of calls, unless a batch of their turn is there already.
    ///
    /// If it fails the calls are owed again. If their session is gone they are dropped with it.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - isDoubtful: Whether they may be in the ledger already.
    ///   - isShielded: Whether the store is to be asked although the task is cancelled.
    /// - Returns: What became of the calls, and of the log meanwhile.
    func record(_ calls: DoubtfulCalls, isDoubtful: Bool, isShielded: Bool) async -> Recording {
        var (calls, isDoubtful) = (calls, isDoubtful)
        var recording = Recording()
        let name = LedgerDebts.Name(key: calls.key, incarnation: calls.base.position.incarnation)
        do throws(SessionError) {
            try await append(&calls, &isDoubtful, &recording, isShielded: isShielded)
        } catch {
            recording.failure = error
            // Once doubtful they stay with their turn, whose draft has them too, until they are in the ledger.
            switch error {
            case .gone: break
            case .regressed: keeper.forget(calls.crossings)
            case _ where isDoubtful: keeper.doubt(calls, of: name)
            default: keeper.owe(calls.crossings, of: name, after: calls.base, isFailing: true)
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
        let deadline = now() + .seconds(10)
        while true {
            let batch = calls.base.recording(calls, created: timestamp())
            recording.roundTrips += 1
            let result: AppendResult
            do throws(StoreError) {
                result = try await send(
                    batch,
                    to: calls.key,
                    expecting: calls.base.position,
                    isShielded: isShielded
                )
                .result
            } catch {
                if error.committed != .no { isDoubtful = true }
                throw .store(error)
            }
            switch result {
            case .committed, .duplicate:
                recording.batches.append(batch)
                return
            case .stale(let missing):
                recording.batches += missing
                calls.base = try calls.base.following(missing, of: calls.key)
                let turn = calls.turn
                if missing.contains(where: { $0.turn == turn }) { return }
                guard now() < deadline else {
                    let message = "other writers of the session were faster for 10 seconds"
                    throw .store(StoreError(.unavailable, committed: .no, message: message))
                }
            case .regressed: throw .regressed(calls.key)
            case .gone(let absence): throw .gone(calls.key, absence)
            }
        }
    }
}
