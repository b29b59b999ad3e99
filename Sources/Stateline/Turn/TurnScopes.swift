/// The scopes that observers wrap around the work done for one turn.
struct TurnScopes: Sendable {
    private let scopes: [any TurnScope]

    /// Tells observers that a turn has begun, and takes their scopes.
    init(of turn: TurnID, key: SessionKey, observers: [any TurnObserver], _ stopwatch: Stopwatch) {
        guard !observers.isEmpty else {
            scopes = []
            return
        }
        let elapsed = stopwatch.elapsed
        scopes = observers.compactMap { $0.turnBegan(turn, of: key, elapsed: elapsed) }
    }

    /// Runs work within the scopes; without scopes at no cost.
    func run<Value, Failure>(_ body: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        guard !scopes.isEmpty else { return try await body() }
        return
            try await Self.run(within: scopes[...]) {
                do throws(Failure) { return Result<Value, Failure>.success(try await body()) } catch {
                    return .failure(error)
                }
            }
            .get()
    }

    private static func run<Value>(
        within scopes: ArraySlice<any TurnScope>,
        _ body: () async -> Value
    ) async -> Value {
        guard let scope = scopes.first else { return await body() }
        return await scope.run { await run(within: scopes.dropFirst(), body) }
    }
}
