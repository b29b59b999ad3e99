extension Turn {
    /// Asks the model for the route and the dialect of the next call, and renders the session for the dialect.
    ///
    /// - Returns: The route.
    /// - Complexity: O(1), unless the plan is of another dialect than the rendering; then as
    ///   ``Snapshot/rendered(for:)``, and O(*n*) in the size of the draft.
    mutating func plan() -> Route {
        let plan = session.model.plan(for: attempt)
        if plan.dialect != nil || !hasOwnDialect { use(plan.dialect) }
        return plan.route
    }

    /// Continues in another dialect; `nil` for the model's own.
    private mutating func use(_ dialect: (any Dialect)?) {
        hasOwnDialect = dialect == nil
        hasOwnFormat = dialect.map { $0.rendersLike(session.model.dialect) } ?? true
        let dialect = dialect ?? session.model.dialect
        if let same = rendering.adopted(by: dialect) {
            rendering = same
            return
        }
        origin = origin.rendered(for: dialect)
        rendering = origin.rendering
        rendering.append(restOf: transcript)
        tools = hasOwnFormat ? session.tools : ToolDeclaration(session.toolbox.definitions, dialect: dialect)
        // The bytes of the previous request are those of another format.
        memory?.cut(toBytes: 0)
    }

    /// Returns a snapshot as the session's handle keeps it: rendered for the model's own dialect.
    func handedBack(_ snapshot: Snapshot) -> Snapshot {
        hasOwnDialect ? snapshot : snapshot.rendered(for: session.model.dialect)
    }

    /// The newest request as the session's handle keeps it: to be compared with requests of the model's own dialect.
    var comparableMemory: RequestMemory? {
        var memory = memory
        if !hasOwnFormat { memory?.cut(toBytes: 0) }
        if entriesBeforeShortened != nil { memory?.cut(toBytes: bytesBeforeShortened) }
        return memory
    }
}
