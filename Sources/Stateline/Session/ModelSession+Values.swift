extension ModelSession: ValueOwner {
    /// The session's values at the newest snapshot that the handle knows.
    ///
    /// - Complexity: O(1).
    public var state: SessionValues { snapshot.values }

    /// Changes values apart from turns, in one commit.
    ///
    /// Allowed during a turn, whose commit continues after it. See ``ValueOwner/updateValues(_:)``.
    @discardableResult
    public func updateValues(
        _ body: (inout ValueEdit) throws(ValueError) -> Void
    ) async throws(SessionError) -> Position {
        var base = snapshot
        if let newer = shared?.newer(than: base) { base = newer }
        let changes = try base.changes(by: body)
        guard !changes.isEmpty else { return base.position }
        return try await appendWhereItStands(after: base) { [base] newer throws(SessionError) in
            let changes = newer.position == base.position ? changes : try newer.changes(by: body)
            return newer.successor(changing: changes, at: boundary.timestamp())
        }
    }

    /// The title of the session, for lists; `nil` if it has none.
    ///
    /// It is the value `stateline.title`, and a rewind leaves it as it is.
    public var title: String? { try? state[.title] }

    /// Gives the session a title: one commit.
    ///
    /// - Parameter title: The title; `nil` to remove it.
    /// - Returns: The position of the session with the title.
    /// - Throws: ``SessionError`` as ``ValueOwner/updateValues(_:)``.
    @discardableResult
    public func setTitle(_ title: String?) async throws(SessionError) -> Position {
        if let title { try await set(.title, to: title) } else { try await remove(.title) }
    }
}

extension SessionValueKey<String> {
    /// The session's title.
    public static var title: Self { Self("stateline.title") }
}

extension SessionValueKey<[String: String]> {
    /// Small texts about the session, for lists and searches, such as labels; a rewind leaves them as they are.
    public static var metadata: Self { Self("stateline.metadata") }
}
