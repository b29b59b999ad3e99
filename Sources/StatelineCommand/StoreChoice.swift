internal import ArgumentParser
internal import Stateline
internal import StatelineMemory

/// Where a command keeps its sessions.
enum StoreChoice: String, Sendable {
    /// In this process, until it ends.
    case memory

    /// Reads the option's value.
    static func parse(_ text: String) throws -> StoreChoice {
        if let choice = StoreChoice(rawValue: text) { return choice }
        if text.hasPrefix("redis://") || text.hasPrefix("rediss://") {
            throw ValidationError(
                "stores in Redis are not there yet; use 'memory', which lives as long as the process."
            )
        }
        throw ValidationError("there is one store, 'memory', which lives as long as the process.")
    }

    /// Makes the store.
    func makeStore() -> any SessionStore {
        switch self {
        case .memory: CachedStore(MemoryStore())
        }
    }
}
