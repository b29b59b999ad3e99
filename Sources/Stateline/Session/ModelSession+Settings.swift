extension ModelSession {
    /// The text of the first instructions of the active view; `nil` if it begins without any.
    public var instructions: String? { snapshot.transcript.preamble.first?.text }

    /// The settings that the session's log holds, as this handle knows them.
    public var settings: SessionSettings { snapshot.settings }

    /// Changes settings of the living session, for all of its handles, in one batch.
    ///
    /// A rewind shows the instructions of its view. It leaves options and tools as they are: they belong to the session,
    /// not to a view. A fork begins with the settings of its revision.
    ///
    /// - Parameters:
    ///   - instructions: The instructions, in place of all that the view begins with; an empty text takes these out, and
    ///     `nil` leaves them.
    ///   - options: The options that turns begin with, in place of the session's former ones; `nil` leaves these. Those
    ///     of a turn come first, then these, then the handle's configuration. Headers are not stored.
    ///   - recordsTools: `true` to declare this handle's tools as the session's.
    /// - Returns: The position of the session with the settings.
    /// - Throws: ``SessionError/invalidOptions(_:)`` for options with headers, or that no provider could take; else as
    ///   ``rewind(to:)``.
    /// - Complexity: O(*v*) in the size of the view if the instructions change, which are rendered before it; else O(1).
    ///   One round trip, or none if nothing changes.
    @discardableResult
    public func changeSettings(
        instructions: String? = nil,
        options: GenerationOptions? = nil,
        recordsTools: Bool = false
    ) async throws(SessionError) -> Position {
        if let options {
            guard options.headers.isEmpty else {
                throw .invalidOptions("headers are not stored; give them in the configuration")
            }
            if let fault = options.fault(with: toolbox.definitions) { throw .invalidOptions(fault) }
        }
        let change = SettingsChange(
            instructions: instructions,
            options: options,
            tools: recordsTools ? DeclaredTools(toolbox.definitions) : nil
        )
        let turn = TurnID.random()
        return try await self.change { () async throws(SessionError) in
            guard !change.isMade(in: snapshot) else { return snapshot.position }
            return try await appendWhereItStands(after: snapshot) { snapshot throws(SessionError) in
                snapshot.successor(snapshot.batch(of: change, turn: turn, created: boundary.timestamp()))
            }
        }
    }

    /// Compares the session's settings with those that its opener gives, and does as the policy says.
    ///
    /// - Throws: ``SessionError/settingsDiffer(_:_:)``, or as ``changeSettings(instructions:options:recordsTools:)``.
    func reconcile(instructions: String?, _ policy: SettingsPolicy) async throws(SessionError) {
        guard policy != .keep, !differences(from: instructions).isEmpty else { return }
        // A cached session may be older than a change that another process made.
        try await refresh()
        let differences = differences(from: instructions)
        guard !differences.isEmpty else { return }
        guard policy == .replace else { throw .settingsDiffer(key, differences) }
        try await changeSettings(
            instructions: differences.contains(.instructions) ? instructions : nil,
            recordsTools: differences.contains(.tools)
        )
    }

    private func differences(from instructions: String?) -> [SessionSetting] {
        let snapshot = snapshot
        var differences: [SessionSetting] = []
        if let instructions, instructions != snapshot.transcript.preamble.first?.text ?? "" {
            differences.append(.instructions)
        }
        if let tools = snapshot.settings.tools, tools != DeclaredTools(toolbox.definitions) {
            differences.append(.tools)
        }
        return differences
    }
}
