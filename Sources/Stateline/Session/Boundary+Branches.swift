extension Boundary {
    /// Lists the live sessions of a family: the session that it began with, unless that is gone, and all forks.
    ///
    /// - Parameter key: Any session of the family, live or not.
    /// - Returns: The sessions, ordered by their ids.
    /// - Throws: ``SessionError/invalidKey(_:)`` or ``SessionError/store(_:)``.
    /// - Complexity: As ``SessionStore/branches(of:)``, which is not for the path of a request.
    public func branches(of key: SessionKey) async throws(SessionError) -> [SessionKey] {
        guard key.isValid else { throw .invalidKey(key) }
        do throws(StoreError) {
            return try await log.store.branches(of: key).sorted { $0.id < $1.id }
        } catch {
            throw SessionError(error, of: key)
        }
    }
}

extension ModelSession {
    /// Lists the live sessions of this session's family, itself among them; see ``Boundary/branches(of:)``.
    public func branches() async throws(SessionError) -> [SessionKey] { try await boundary.branches(of: key) }
}
