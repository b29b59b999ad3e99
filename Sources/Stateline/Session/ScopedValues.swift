internal import NIOConcurrencyHelpers

/// The owner of values that several sessions share: a user, or an application.
///
/// A scope belongs to a tenant: the same user in two tenants has two sets of values. Scopes are kept in tenants of their
/// own, whose names begin with `stateline.values.`, so that no session's key names one.
public struct ValueScope: Hashable, Sendable {
    let key: SessionKey

    private init(_ kind: String, _ id: String, _ tenant: Tenant) {
        key = SessionKey(id, tenant: Tenant(rawValue: "\(Tenant.valuesPrefix)\(kind)/\(tenant.rawValue)"))
    }

    /// The values of a user or service within a tenant.
    public static func user(_ principal: Principal, tenant: Tenant = .default) -> ValueScope {
        ValueScope("user", principal.rawValue, tenant)
    }

    /// The values of an application within a tenant.
    public static func app(_ name: String = "app", tenant: Tenant = .default) -> ValueScope {
        ValueScope("app", name, tenant)
    }
}

extension Tenant {
    /// The beginning of the names of tenants that hold values of scopes.
    static let valuesPrefix = "stateline.values."

    /// `true` if the tenant holds values of scopes, and no sessions.
    var isReserved: Bool { rawValue.utf8.starts(with: Tenant.valuesPrefix.utf8) }
}

/// A handle on the values of a user or an application: a log of their own, with the API of a session's values.
///
/// They are not a part of any session, so a rewind or a fork of a session does not touch them, and a turn that fails after
/// a tool changed them does not undo the change.
public final class ScopedValues: ValueOwner {
    private let boundary: Boundary
    private let newest: NIOLockedValueBox<Snapshot>

    fileprivate init(_ boundary: Boundary, _ snapshot: Snapshot) {
        self.boundary = boundary
        self.newest = NIOLockedValueBox(snapshot)
    }

    private var snapshot: Snapshot { newest.withLockedValue { $0 } }

    /// The values at the newest position that the handle knows.
    public var state: SessionValues { snapshot.values }

    /// Takes in the changes of other writers, in one round trip.
    ///
    /// - Returns: The values.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog.
    @discardableResult
    public func refresh() async throws(SessionError) -> SessionValues {
        var cost = StoreCost()
        let newer = try await boundary.log.refreshed(snapshot, cost: &cost)
        advance(to: newer)
        return newer.values
    }

    /// Changes values in one commit; see ``ValueOwner/updateValues(_:)``.
    @discardableResult
    public func updateValues(
        _ body: (inout ValueEdit) throws(ValueError) -> Void
    ) async throws(SessionError) -> Position {
        var base = snapshot
        while true {
            let changes = try base.changes(by: body)
            guard !changes.isEmpty else { return base.position }
            let next = base.successor(changing: changes, at: boundary.timestamp())
            var cost = StoreCost()
            switch try await boundary.log.append(
                next.encoded,
                making: next.snapshot,
                to: base.key,
                expecting: base.position,
                cost: &cost
            ) {
            case .committed, .duplicate:
                advance(to: next.snapshot)
                return next.snapshot.position
            case .stale(let missing):
                base = try boundary.log.fold(
                    missing,
                    of: base.key,
                    for: base.rendering.dialect,
                    after: base,
                    cost: &cost
                )
                advance(to: base)
            }
        }
    }

    private func advance(to snapshot: Snapshot) {
        newest.withLockedValue { if $0.position.isBehind(snapshot.position) { $0 = snapshot } }
    }
}

extension Boundary {
    /// Opens the values of a user or an application; they are created if there are none.
    ///
    /// Opening takes one round trip, creating two.
    ///
    /// - Throws: ``SessionError``: gone, invalidKey, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of their log.
    public func values(of scope: ValueScope) async throws(SessionError) -> ScopedValues {
        guard scope.key.isValid else { throw .invalidKey(scope.key) }
        let (snapshot, _) = try await open(scope.key, .resumeOrCreate, entries: [], dialect: EntryDialect())
        return ScopedValues(self, snapshot)
    }

    /// Deletes the values of a user or an application.
    ///
    /// - Throws: ``SessionError/gone(_:_:)`` if there are none, or ``SessionError/store(_:)``.
    public func deleteValues(of scope: ValueScope) async throws(SessionError) {
        try await log.delete(scope.key)
    }
}
