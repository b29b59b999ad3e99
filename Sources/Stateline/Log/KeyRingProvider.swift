/// A source of the key rings of sessions: one ring for all, one for each tenant, or one for each session.
///
/// It is asked when a session is opened or created and before each batch, and must answer at once from memory. A provider
/// that gets its keys from a key management service fetches them ahead, and again when they change.
public protocol KeyRingProvider: Sendable {
    /// Returns the key ring of a session; `nil` if there is none, or none any more.
    ///
    /// Without a ring, the session is neither opened nor created. A session that is open continues with the keys that it
    /// has.
    ///
    /// - Complexity: It is on the path of each turn, and should take less than a microsecond.
    func keyRing(of key: SessionKey) -> KeyRing?

    /// Destroys the keys that belong to an erased session alone; by default nothing.
    ///
    /// It is called after the session was deleted, also again. A provider with a key for each session destroys it here, in
    /// backups too, and no copy of the store's data can be read after that.
    ///
    /// - Throws: Any error; the erasure fails with ``SealError/keysNotDestroyed``, and is safe to repeat.
    func destroyKeys(of key: SessionKey) async throws
}

extension KeyRingProvider {
    /// Destroys nothing: the keys are those of other sessions too.
    public func destroyKeys(of key: SessionKey) async throws {}
}

extension KeyRing: KeyRingProvider {
    /// Returns this ring, for every session.
    public func keyRing(of key: SessionKey) -> KeyRing? { self }
}

/// Key rings by tenant: a tenant's sessions cannot be opened with another tenant's keys.
public struct TenantKeyRings: KeyRingProvider {
    private let ring: @Sendable (Tenant) -> KeyRing?

    /// Makes a provider.
    ///
    /// - Parameter ring: Returns the ring of a tenant at once; `nil` if it has none.
    public init(_ ring: @escaping @Sendable (Tenant) -> KeyRing?) {
        self.ring = ring
    }

    /// Returns the ring of the session's tenant.
    public func keyRing(of key: SessionKey) -> KeyRing? { ring(key.tenant) }
}
