package import Stateline
internal import StatelineMemory
internal import Synchronization

/// A finished turn, as observers see it.
package enum ObservedTurn {
    /// An observer that keeps the newest turn.
    private final class Keeper: TurnObserver {
        let turn = Mutex<EndedTurn?>(nil)

        func turnEnded(_ turn: EndedTurn) { self.turn.withLock { $0 = turn } }
    }

    /// Runs ten turns of one call each, and returns the last one.
    package static func make() async throws -> EndedTurn {
        let keeper = Keeper()
        // Without the cache that a boundary has by default: the end of the turn is measured.
        let store: any SessionStore = MemoryStore()
        let boundary = Boundary(store: store, observers: [keeper])
        let usage = Usage(input: .init(totalTokenCount: 900, cachedTokenCount: 800), output: .init(totalTokenCount: 40))
        let model = FunctionModel { _ in .text("An answer.", usage: usage) }
        let session = try await boundary.session(SessionKey("measured"), model: model)
        for _ in 0..<10 { try await session.respond(to: "A prompt.") }
        guard let turn = keeper.turn.withLock({ $0 }) else { preconditionFailure("nobody was told of a turn") }
        return turn
    }
}
