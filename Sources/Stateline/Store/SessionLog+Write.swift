extension SessionLog {
    /// Makes a write, watched by the cache.
    ///
    /// - Throws: ``SessionError``: store or unreadableLog.
    func perform<Write: StoreWrite>(
        _ write: Write,
        until deadline: Duration? = nil,
        isShielded: Bool = true,
        cost: inout StoreCost
    ) async throws(SessionError) -> Write.Outcome {
        do throws(StoreError) {
            guard let cache else {
                return try await resolve(write, until: deadline, isShielded: isShielded, cost: &cost)
            }
            return try await perform(write, watchedBy: cache, until: deadline, isShielded: isShielded, cost: &cost)
        } catch {
            throw SessionError(error, of: write.key)
        }
    }

    private func perform<Write: StoreWrite>(
        _ write: Write,
        watchedBy cache: some SessionCache,
        until deadline: Duration?,
        isShielded: Bool,
        cost: inout StoreCost
    ) async throws(StoreError) -> Write.Outcome {
        let request = cache.begin(write.key, for: nil)
        do throws(StoreError) {
            let outcome = try await resolve(write, until: deadline, isShielded: isShielded, cost: &cost)
            cache.end(request, with: write.reply(of: outcome))
            return outcome
        } catch {
            cache.end(request, with: write.reply(of: error))
            throw error
        }
    }

    /// Repeats a write until its outcome is known, or until the deadline.
    private func resolve<Write: StoreWrite>(
        _ write: Write,
        until deadline: Duration?,
        isShielded: Bool,
        cost: inout StoreCost
    ) async throws(StoreError) -> Write.Outcome {
        var attempts = 0
        var maybeCommitted = false
        let began = now()
        let end = deadline ?? began + Self.patience
        let mayBeLate = timeLimit.map { began + $0 > end + Self.grace } ?? true
        while true {
            attempts += 1
            cost.roundTrips += 1
            cost.bytesWritten += write.byteCount
            do throws(StoreError) {
                let outcome =
                    if attempts > 1 || mayBeLate || (isShielded && Task.isCancelled) {
                        try await watched(until: end, isShielded: isShielded, leaving: .unansweredWrite) {
                            [attempts] () async throws(StoreError) in
                            if attempts > 1 { await Self.pause(after: attempts - 1) }
                            return try await write.attempt(on: store)
                        }
                    } else {
                        try await write.attempt(on: store)
                    }
                health.answered()
                return outcome
            } catch {
                health.failed(error)
                if error.committed == .unknown { maybeCommitted = true }
                guard maybeCommitted, error.committed != .yes else { throw error }
                guard error.isTransient, now() < end, isShielded || !Task.isCancelled else {
                    throw StoreError(error.reason, committed: .unknown, message: error.message)
                }
            }
        }
    }

    /// Waits before the next attempt, longer each time, to spare a server in trouble.
    private static func pause(after attempts: Int) async {
        let step = Duration.milliseconds(1 << min(attempts, 8))
        try? await Task.sleep(for: step * Double.random(in: 0.5...1))
    }
}

extension StoreError {
    /// A write that was left behind.
    fileprivate static var unansweredWrite: StoreError {
        StoreError(.unavailable, committed: .unknown, message: "the store did not answer in time")
    }

    /// `true` if the same request may succeed a moment later, once access was restored too.
    fileprivate var isTransient: Bool {
        switch reason {
        case .unavailable, .full, .denied: true
        case .corrupt, .unreadable: false
        }
    }
}
