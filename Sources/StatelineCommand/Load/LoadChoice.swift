internal import ArgumentParser
internal import Stateline
internal import StatelineLoad
internal import StatelineMemory

#if Redis
internal import NIOCore
internal import StatelineRedis
#endif

/// The target of a load.
enum LoadChoice: Sendable {
    /// A client without a store, which sends its whole history in each request.
    case none
    /// Sessions in a store.
    case store(StoreChoice)

    /// The option's help.
    static let help = ArgumentHelp(
        "Choose the store: memory, the URL of a Redis server, or none for a client that keeps its own history.",
        valueName: "memory|url|none"
    )

    /// Parses the option's value.
    static func parse(_ text: String) throws -> LoadChoice {
        if text == "none" { return .none }
        do {
            return .store(try StoreChoice.parse(text))
        } catch let error as ValidationError where !text.contains("://") {
            throw ValidationError(error.message.replacing("'memory'", with: "'none', 'memory'"))
        }
    }

    /// Lends the target, the cells in which a baseline keeps its states, and the stores that have figures.
    ///
    /// - Parameters:
    ///   - isCached: `true` for a cache over the store.
    ///   - body: Uses them.
    /// - Returns: The function's result.
    /// - Throws: The function's error, or `StoreError` if the store does not answer.
    func withTarget<Result>(
        isCached: Bool,
        _ body: (LoadTarget, any StateCells, [any MetricSource]) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .none: return try await body(.stateless, MemoryCells(), [])
        case .store(.memory):
            let store = MemoryStore()
            return try await body(target(store, "memory", isCached: isCached), MemoryCells(), [store])
        #if Redis
        case .store(.redis(let url)):
            let (store, cells) = (RedisStore(url), RedisCells(RedisValues(url)))
            let result: Swift.Result<Result, any Error>
            do {
                // An unreachable server then fails the command and not each of its turns.
                _ = try await store.load(SessionKey("stateline-load", tenant: "load"), after: nil)
                result = .success(try await body(target(store, "redis", isCached: isCached), cells, [store]))
            } catch {
                result = .failure(error)
            }
            await store.close()
            await cells.values.close()
            return try result.get()
        #endif
        }
    }

    private func target(_ store: any SessionStore, _ name: String, isCached: Bool) -> LoadTarget {
        guard isCached else { return LoadTarget(store, name: name) }
        return LoadTarget(store, name: "cached \(name)") { MemoryCache() }
    }
}

#if Redis
/// Whole states in Redis.
private struct RedisCells: StateCells {
    let values: RedisValues

    init(_ values: RedisValues) {
        self.values = values
    }

    func get(_ key: String) async throws -> ByteBuffer? { try await values.get(key) }
    func set(_ key: String, _ value: ByteBuffer) async throws { try await values.set(key, value) }

    func delete(_ keys: [String]) async throws {
        for key in keys { try await values.delete(key) }
    }
}
#endif
