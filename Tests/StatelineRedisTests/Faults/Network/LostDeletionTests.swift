import Stateline
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

extension NetworkFaultTests {
    /// F7: the reply of a deletion is lost, and the key is used again before the deletion is repeated.
    @Suite struct LostDeletionTests {
        private let key = SessionKey("session")

        @Test func `a session that is made anew while a deletion is repeated stays`() async throws {
            try await RedisServer.run { server in
                try await FaultProxy.run(to: .port(server.port)) { proxy in
                    let store = RedisStore(try RedisURL("redis://127.0.0.1:\(proxy.port)"), retention: .zero)
                    let other = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"), retention: .zero)
                    _ = try await store.write(3, to: key)
                    await proxy.refuse()
                    proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))
                    async let deletion: Void = Boundary(store: store).delete(key)
                    try await eventually { proxy.counts.faults == 1 && proxy.openConnections == 0 }
                    // The first attempt deleted it; the next one waits for a connection.
                    #expect(try await other.load(key, after: nil) == .gone(.absent))
                    let (_, batches) = try await other.write(2, to: key, text: "another life")
                    try await proxy.listen()
                    try await deletion
                    #expect(try await other.load(key, after: nil) == .tail(batches))
                    await store.close()
                    await other.close()
                }
            }
        }

        @Test func `a deletion whose reply is lost is repeated until the session is gone`() async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                _ = try await store.write(3, to: key)
                for action in [RequestFault.Action.cutBeforeRequest, .cutBeforeReply] {
                    fixture.proxy.resetCounts()
                    fixture.proxy.add(RequestFault(action, command: "EVALSHA"))
                    if action == .cutBeforeRequest {
                        try await Boundary(store: store).delete(key)
                    } else {
                        let error = await #expect(throws: StoreError.self) {
                            try await store.delete(SessionKey("absent"), expecting: nil)
                        }
                        // Without a position it is not repeated.
                        #expect(error?.committed == .unknown)
                    }
                    #expect(fixture.proxy.counts.faults == 1)
                }
                #expect(try await store.load(key, after: nil) == .gone(.deleted))
            }
        }

        @Test func `a session whose log is damaged can be deleted`() async throws {
            try await StoreFixture.run { fixture in
                let store = fixture.store()
                let (writer, _) = try await store.write(3, to: key)
                try fixture.command("SETRANGE", "l", "40", "damage", on: key)
                #expect(try await store.position(of: key) == writer.position)
                try await Boundary(store: store).delete(key)
                #expect(try await store.load(key, after: nil) == .gone(.deleted))
                #expect(try await store.position(of: key) == nil)
            }
        }

        @Test func `the position of an expired session is none`() async throws {
            try await StoreFixture.runTimed { fixture in
                let store = fixture.store(.idle(.seconds(60)))
                let (writer, _) = try await store.write(1, to: key)
                #expect(try await store.position(of: key) == writer.position)
                try fixture.server.advance(by: .seconds(60))
                #expect(try await store.position(of: key) == nil)
                await #expect(throws: SessionError.gone(key, .expired)) { try await Boundary(store: store).delete(key) }
            }
        }
    }
}
