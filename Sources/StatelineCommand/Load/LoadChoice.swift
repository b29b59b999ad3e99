internal import ArgumentParser
internal import Stateline
internal import StatelineLoad
internal import StatelineMemory

#if Redis
internal import NIOCore
internal import StatelineRedis
#endif

/// What a load is run against.
enum LoadChoice: Sendable {
    /// A client that resends its history, without a store.
    case none
    /// Sessions in a store.
    case store(StoreChoice)

    /// What an option's help says of it.
    static let help = ArgumentHelp(
        "What keeps the sessions: memory, the URL of a Redis, or none: a client that sends its own history again.",
        valueName: "memory|url|none"
    )

    /// Reads the option's value.
    static func parse(_ text: String) throws -> LoadChoice {
        if text == "none" { return .none }
        do {
            return .store(try StoreChoice.parse(text))
        } catch let error as ValidationError where !text.contains("://") {
            throw ValidationError(error.message.replacing("'memory'", with: "'none', 'memory'"))
        }
    }

    /// Lends the target, and what a baseline keeps its states in.
    ///
    /// - Parameters:
    ///   - isCached: Whether a cache lies over the store.
    ///   - body: What is done with them.
    /// - Returns: What the function returns.
    /// - Throws: What it throws; `StoreError` where the store does not answer.
    func withTarget<Result>(
        isCached: Bool,
        _ body: (LoadTarget, any StateCells) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .none: return try await body(.stateless, MemoryCells())
        case .store(.memory):
            return try await body(target(MemoryStore(), "memory", isCached: isCached), MemoryCells())
        #if Redis
        case .store(.redis(let url)):
            let (store, cells) = (RedisStore(url), RedisCells(RedisValues(url)))
            let result: Swift.Result<Result, any Error>
            do {
                // A server that is not there fails the command, and not each of its turns.
                _ = try await store.load(SessionKey("stateline-load", tenant: "load"), after: nil)
                result = .success(try await body(target(store, "redis", isCached: isCached), cells))
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
