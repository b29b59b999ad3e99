internal import ArgumentParser
internal import Stateline
internal import StatelineMemory

#if Redis
internal import StatelineRedis
#endif

/// The store of a command's sessions.
enum StoreChoice: Sendable {
    /// The memory of this process.
    case memory
    #if Redis
    /// A Redis server, shared with other processes.
    case redis(RedisURL)
    #endif

    /// The option's help.
    static let help = ArgumentHelp(
        "Choose the store: memory, or the URL of a Redis server: redis://, rediss://, redis+unix://, "
            + "redis+cluster://, redis+sentinel://.",
        valueName: "memory|url"
    )

    /// Parses the option's value.
    static func parse(_ text: String) throws -> StoreChoice {
        if text == "memory" { return .memory }
        #if Redis
        guard text.contains("://") else {
            throw ValidationError("--store must be 'memory' or a Redis URL, such as redis://127.0.0.1:6379.")
        }
        return .redis(try RedisChoice.parse(text))
        #else
        throw ValidationError("--store must be 'memory': this executable was built without Redis.")
        #endif
    }

    /// `true` if sessions outlive the process.
    var isDurable: Bool {
        switch self {
        case .memory: false
        #if Redis
        case .redis: true
        #endif
        }
    }

    /// Lends a boundary over the store, with a cache, to a function.
    func withBoundary<Result>(
        observers: [any TurnObserver] = [],
        _ body: (Boundary) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .memory: return try await body(Boundary(store: MemoryStore(), observers: observers))
        #if Redis
        case .redis(let url):
            let store = RedisStore(url)
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(Boundary(store: store, cache: MemoryCache(), observers: observers)))
            } catch {
                result = .failure(error)
            }
            await store.close()
            return try result.get()
        #endif
        }
    }
}
