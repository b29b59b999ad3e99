import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// Long chains of forks of forks.
@Suite struct DeepForkTests {
    @Test func `a thousand forks of forks load in one round trip and take the memory of their distinct entries`()
        async throws
    {
        let memory = MemoryStore()
        let store = LoadCounter(memory)
        let text = String(repeating: "long ", count: 2000)
        let session = try await Boundary(store: store)
            .session(
                SessionKey("root"),
                model: LineModel([]),
                history: [.prompt(text), .response(text)]
            )
        let rootBytes = memory.byteCount
        var newest = session
        var sizes: [Int] = []
        for depth in 1...1000 {
            let before = memory.byteCount
            newest = try await newest.fork(as: "fork \(depth)")
            sizes.append(memory.byteCount - before)
        }
        // The session's text is there once; a fork takes a batch without entries, however deep it is.
        #expect(rootBytes > 20_000)
        #expect(sizes.max() ?? 0 <= (sizes.min() ?? 0) + 64)
        #expect(sizes.max() ?? 0 < 1024)
        print(
            "a fork takes \(sizes.min() ?? 0) to \(sizes.max() ?? 0) bytes, the root \(rootBytes), all \(memory.byteCount)"
        )
        try await newest.respond(to: "deep")
        let loads = store.loads.withLock { $0 }
        let cold = try await Boundary(store: store).session(newest.key, model: LineModel([]), opening: .resume)
        #expect(store.loads.withLock { $0 } == loads + 1)
        #expect(cold.transcript == newest.transcript)
        #expect(cold.snapshot.position.revision == 1002)
        #expect(try await cold.branches().count == 1001)
        // The session's weight is that of its entries and of 1,000 revisions.
        #expect(cold.snapshot.weight < session.snapshot.weight + 64 * 1000)
        try await Boundary(store: store).delete(session.key)
        #expect(try await cold.branches().count == 1000)
        #expect(!(try await cold.branches().contains(session.key)))
        #expect(
            try await Boundary(store: store).session(newest.key, model: LineModel([])).transcript == cold.transcript
        )
    }
}

/// A store that counts loads.
private final class LoadCounter: ForwardingStore {
    let base: any SessionStore
    let loads = Mutex(0)

    init(_ base: any SessionStore) {
        self.base = base
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        loads.withLock { $0 += 1 }
        return try await base.load(key, after: position)
    }
}
