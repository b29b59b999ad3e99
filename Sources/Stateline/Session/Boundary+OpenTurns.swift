/// A turn that waits for actions from outside.
public struct WaitingTurn: Hashable, Sendable {
    /// The session.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// The time of its beginning, by its first holder's clock.
    public let opened: Timestamp
    /// The actions that it waits for.
    public let actions: [RequiredAction]
}

extension Boundary {
    /// The number of sessions that are looked at with one request.
    private static let pageSize = 128

    /// Lists a tenant's turns that wait for approvals, for the client's tools or for events: for an inbox of approvals.
    ///
    /// ``ModelSession/resume(answering:options:)`` answers them. A session that changes meanwhile may be missing.
    ///
    /// - Parameter tenant: The tenant.
    /// - Returns: The waiting turns, in no order.
    /// - Throws: ``SessionError``: store.
    /// - Complexity: O(*n*) in the number of the tenant's sessions, of which only the newest batches are read; the logs of
    ///   sessions that wait are read whole.
    public func waitingTurns(of tenant: Tenant = .default) async throws(SessionError) -> [WaitingTurn] {
        var waiting: [WaitingTurn] = []
        try await visitOpenTurns(of: tenant) { key, open throws(SessionError) in
            guard open.isWaiting, let session = try await reader(key), let turn = session.snapshot.openTurn else {
                return
            }
            let actions = session.requiredActions
            guard !actions.isEmpty else { return }
            waiting.append(WaitingTurn(session: key, turn: turn.turn, opened: turn.opened, actions: actions))
        }
        return waiting
    }

    /// Ends a tenant's turns whose processes died, again and again, until the task is cancelled.
    ///
    /// What a turn had received is in its session's view then, with an output for each call that says that it was
    /// interrupted. A turn is ended once this process has seen no sign of life for its term. A session's next turn does the
    /// same without this; run it in one process if histories are to be whole before they are asked again.
    ///
    /// - Parameters:
    ///   - tenant: The tenant.
    ///   - pause: The pause between two rounds.
    ///   - failed: Receives the error of a session or of a round; the next round tries again.
    /// - Throws: `CancellationError`.
    public func reapTurns(
        of tenant: Tenant = .default,
        every pause: Duration = .seconds(30),
        failed: @Sendable (SessionError) -> Void = { _ in }
    ) async throws {
        while true {
            do throws(SessionError) {
                try await visitOpenTurns(of: tenant) { key, open throws(SessionError) in
                    guard !open.isWaiting else { return }
                    do throws(SessionError) { try await reader(key)?.reap() } catch { failed(error) }
                }
            } catch {
                failed(error)
            }
            try await clock.sleep(for: pause.asPause)
        }
    }

    private func visitOpenTurns(
        of tenant: Tenant,
        _ visit: (SessionKey, Head.OpenTurn) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        var cursor: ListCursor?
        repeat {
            let page = try await log.heads(of: tenant, cursor: cursor, limit: Self.pageSize)
            for (key, newest) in page.sessions {
                guard let open = (try? BatchFormat.Frame(newest.bytes).head())?.openTurn else { continue }
                try await visit(key, open)
            }
            cursor = page.next
        } while cursor != nil
    }

    /// Opens a session that makes no calls; `nil` if it is gone.
    private func reader(_ key: SessionKey) async throws(SessionError) -> ModelSession? {
        let model = FunctionModel(name: "none") { _ in throw ModelError.cancelled }
        do throws(SessionError) { return try await session(key, model: model, opening: .resume) } catch .gone {
            return nil
        }
    }
}
