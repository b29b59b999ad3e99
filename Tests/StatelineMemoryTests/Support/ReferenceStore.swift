import NIOConcurrencyHelpers
import Stateline

/// What a store does, as plainly as it can be said: a dictionary of arrays and one lock around all of it.
///
/// It is judged by the same contract as the stores that it is compared with, and shares no code with them.
final class ReferenceStore: SessionStore {
    private struct Session {
        var origin: Position
        var batches: [EncodedBatch]
        var created: Duration
        var committed: Duration
        /// When it was deleted.
        var deleted: Duration?
        var renewals: (turn: TurnID, count: UInt64)?

        var position: Position { batches.last?.position ?? origin }
        var positions: [Position] { [origin] + batches.map(\.position) }

        func batches(after position: Position) -> [EncodedBatch] {
            batches.filter { $0.position.revision > position.revision }
        }
    }

    private let sessions = NIOLockedValueBox<[SessionKey: Session]>([:])
    private let lifetime: Lifetime?
    private let retention: Duration
    private let now: @Sendable () -> Duration

    init(
        lifetime: Lifetime? = nil,
        retention: Duration = .seconds(7 * 86_400),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        let origin = clock.now
        self.lifetime = lifetime
        self.retention = retention
        self.now = { origin.duration(to: clock.now) }
    }

    private func absence(_ session: Session?) -> Absence? {
        guard let session else { return .absent }
        if let deleted = session.deleted { return now() < deleted + retention ? .deleted : .absent }
        guard let end = lifetime?.end(created: session.created, committed: session.committed) else { return nil }
        if now() < end { return nil }
        return now() < end + retention ? .expired : .absent
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        sessions.withLockedValue { sessions in
            if let absence = absence(sessions[key]) { return .gone(absence) }
            guard let session = sessions[key] else { return .gone(.absent) }
            guard let position else { return .tail(session.batches) }
            guard session.positions.contains(position) else { return .regressed }
            let tail = session.batches(after: position)
            return tail.isEmpty ? .current : .tail(tail)
        }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        sessions.withLockedValue { sessions in
            switch absence(sessions[key]) {
            case .absent?:
                guard position.revision == 0 else { return .gone(.absent) }
                guard position == .origin(of: key, incarnation: batch.position.incarnation) else { return .regressed }
                sessions[key] = Session(origin: position, batches: [batch], created: now(), committed: now())
                return .committed(.memory)
            case let absence?: return .gone(absence)
            case nil: break
            }
            guard let session = sessions[key], session.positions.contains(position) else { return .regressed }
            if position == session.position {
                guard batch.position.incarnation == position.incarnation else { return .regressed }
                sessions[key]?.batches.append(batch)
                sessions[key]?.committed = now()
                return .committed(.memory)
            }
            let isThere = session.positions.contains(batch.position)
            return isThere ? .duplicate(.memory) : .stale(missing: session.batches(after: position))
        }
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        sessions.withLockedValue { sessions in
            switch absence(sessions[fork]) {
            case nil: return sessions[fork]?.positions.contains(first.position) == true ? .duplicate : .taken
            case .absent?: break
            case _?: return .taken
            }
            if let absence = absence(sessions[key]) { return .gone(absence) }
            guard let parent = sessions[key], parent.positions.dropFirst().contains(position) else { return .regressed }
            let shared = parent.batches.filter { $0.position.revision <= position.revision }
            sessions[fork] = Session(
                origin: parent.origin,
                batches: shared + [first],
                created: now(),
                committed: now()
            )
            return .forked
        }
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        sessions.withLockedValue { sessions in
            if let absence = absence(sessions[key]) { return .gone(absence) }
            guard position == nil || position == sessions[key]?.position else { return .stale }
            sessions[key]?.deleted = now()
            return .deleted
        }
    }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        sessions.withLockedValue { sessions in
            guard var session = sessions[key] else { return .gone(.absent) }
            if let absence = absence(session) { return .gone(absence) }
            if let turn {
                let count = session.renewals?.turn == turn ? session.renewals?.count ?? 0 : 0
                session.renewals = (turn, count + 1)
                session.committed = now()
                sessions[key] = session
            }
            return .lease(
                of: session.renewals?.turn,
                renewals: session.renewals?.count ?? 0,
                position: session.position
            )
        }
    }

    /// Lists in the order of the keys; a cursor names the key that the page ended with.
    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        sessions.withLockedValue { sessions in
            let names = sessions.keys.filter { $0.tenant == tenant && absence(sessions[$0]) == nil }
                .map { (name: Self.name(of: $0), key: $0) }
                .sorted { $0.name < $1.name }
                .drop { pair in cursor.map { pair.name <= $0.rawValue } ?? false }
            let page = names.prefix(limit)
            let next = page.count < names.count ? page.last.map { ListCursor(rawValue: $0.name) } : nil
            return ListPage(keys: page.map(\.key), next: next)
        }
    }

    /// A text that no other key has, whatever Unicode calls equivalent.
    private static func name(of key: SessionKey) -> String {
        [key.family, key.id].map { $0.utf8.map { String($0, radix: 16) }.joined(separator: "-") }.joined(separator: "/")
    }
}
