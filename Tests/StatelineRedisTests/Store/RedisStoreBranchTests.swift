import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Families of many branches.
@Suite struct RedisStoreBranchTests {
    private let key = SessionKey("session")

    @Test func `a thousand forks of forks load in two round trips, and their batches are those of their own`()
        async throws
    {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (root, batches) = try await store.write(3, to: key)
            var (writer, log) = (root, batches)
            for depth in 1...1000 {
                let (fork, first) = writer.fork(as: "fork \(depth)")
                let result = try await store.fork(writer.key, at: writer.position, to: fork.key, first: first)
                try #require(result == .forked)
                log.append(first)
                writer = fork
            }
            // A fork's batch does not grow with its depth, but for its numbers.
            let sizes = log[3...].map(\.bytes.readableBytes)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 16, "\(sizes.min() ?? 0) to \(sizes.max() ?? 0)")
            log.append(try await store.commit("deep", to: &writer))
            let newest = writer.key
            let counts = try await fixture.sender.counting {
                let result = try await store.load(newest, after: nil)
                #expect(result == .tail(log))
            }
            #expect(counts.requests == 2)
        }
    }
}
