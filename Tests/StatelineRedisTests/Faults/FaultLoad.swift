import NIOConcurrencyHelpers
import Stateline
import StatelineLoad
import StatelineTesting

/// Writers that go on through whatever happens to a server.
final class FaultLoad: Sendable {
    /// What happened so far.
    struct Counts: Sendable {
        /// Entries that were acknowledged.
        var written = 0
        /// Errors of the store's, by what they say.
        var errors: [StoreError] = []
        /// Writers that could not go on.
        var obstacles: [AuditedWriter.Obstacle] = []
    }

    private let state = NIOLockedValueBox((counts: Counts(), isOver: false))

    /// What happened so far.
    var counts: Counts { state.withLockedValue(\.counts) }

    /// Lets writers end, each after the entry that it is at.
    func end() {
        state.withLockedValue { $0.isOver = true }
    }

    /// Writes until the load is ended, or to the writer's end.
    func write(_ key: SessionKey, to store: some SessionStore, size: Int = 64) async {
        var writer = AuditedWriter(key, name: "load", size: size)
        while !state.withLockedValue(\.isOver) {
            do {
                try await writer.append(to: store)
                state.withLockedValue { $0.counts.written += 1 }
            } catch let error as StoreError {
                state.withLockedValue { $0.counts.errors.append(error) }
                // Somebody who is refused at once and asks again at once only warms the machine.
                try? await Task.sleep(for: .milliseconds(.random(in: 1...10)))
            } catch {
                let obstacle = error as? AuditedWriter.Obstacle ?? .broken
                return state.withLockedValue { $0.counts.obstacles.append(obstacle) }
            }
        }
    }

    /// Waits until so many more entries were acknowledged than now.
    func progress(by count: Int) async throws {
        let goal = counts.written + count
        try await eventually { counts.written >= goal }
    }

    /// Runs some writers on some sessions beside a body; they end with it.
    static func run(
        _ writers: Int,
        on keys: [SessionKey],
        of store: any SessionStore,
        size: Int = 64,
        _ body: (FaultLoad) async throws -> Void
    ) async throws -> Counts {
        let load = FaultLoad()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { await load.write(keys[writer % keys.count], to: store, size: size) }
            }
            defer { load.end() }
            try await body(load)
        }
        return load.counts
    }
}
