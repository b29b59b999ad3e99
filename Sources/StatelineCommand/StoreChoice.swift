internal import ArgumentParser
internal import Stateline
internal import StatelineMemory

#if Redis
internal import StatelineRedis
#endif

/// Where a command keeps its sessions.
enum StoreChoice: Sendable {
    /// In this process, until it ends.
    case memory
    #if Redis
    /// In a Redis, where others may hold them too.
    case redis(RedisURL)
    #endif

    /// What an option's help says of it.
    static let help = ArgumentHelp(
        "Where the session is kept: memory, or the URL of a Redis: redis://, rediss://, redis+unix://, "
            + "redis+cluster://, redis+sentinel://.",
        valueName: "memory|url"
    )

    /// Reads the option's value.
    static func parse(_ text: String) throws -> StoreChoice {
        if text == "memory" { return .memory }
        #if Redis
        guard text.contains("://") else {
            throw ValidationError("--store is 'memory' or the URL of a Redis, such as redis://127.0.0.1:6379.")
        }
        return .redis(try RedisChoice.parse(text))
        #else
        throw ValidationError("--store is 'memory': this executable was built without Redis.")
        #endif
    }

    /// Whether sessions outlive the process.
    var isDurable: Bool {
        switch self {
        case .memory: false
        #if Redis
        case .redis: true
        #endif
        }
    }

    /// Lends a boundary over the store, with a cache, to a function.
    func withBoundary<Result>(_ body: (Boundary) async throws -> Result) async throws -> Result {
        switch self {
        case .memory: return try await body(Boundary(store: MemoryStore()))
        #if Redis
        case .redis(let url):
            let store = RedisStore(url)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(Boundary(store: store, cache: MemoryCache()))) } catch { result = .failure(error) }
            await store.close()
            return try result.get()
        #endif
        }
    }
}
