import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Products that share a server.
@Suite struct NamespaceTests {
    private let key = SessionKey("session", tenant: "acme")

    @Test func `two namespaces and none share no session of equal tenant and id`() async throws {
        try await RedisServer.run { server in
            let address = "redis://127.0.0.1:\(server.port)"
            let urls = [address, "\(address)?namespace=staging", "\(address)?namespace=staging.2"]
            let stores = try urls.map { RedisStore(try RedisURL($0)) }
            var logs: [[EncodedBatch]] = []
            for (index, store) in stores.enumerated() {
                let result = try await store.load(key, after: nil)
                #expect(result == .gone(.absent), "\(urls[index])")
                let (writer, batches) = try await store.write(2 + index, to: key)
                let fork = writer.fork(as: "fork")
                let forked = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
                #expect(forked == .forked)
                logs.append(batches + [fork.first])
            }
            _ = try await stores[0].delete(key, expecting: nil)
            for (index, store) in stores.enumerated() {
                let own = try await store.load(key, after: nil)
                #expect(own == (index == 0 ? .gone(.deleted) : .tail(Array(logs[index].dropLast()))))
                let fork = try await store.load(key.fork("fork"), after: nil)
                #expect(fork == .tail(logs[index]))
                let page = try await store.list("acme", cursor: nil, limit: 100)
                #expect(Set(page.keys) == (index == 0 ? [key.fork("fork")] : [key, key.fork("fork")]))
            }
            for store in stores { await store.close() }
        }
    }

    @Test(arguments: [
        SessionStoreContract.Clause.creation, .fork, .forkOfFork, .forkOutlives, .list, .changingList, .tenants,
    ])
    func `a store in a namespace keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        try await StoreFixture.run { fixture in
            let contract = SessionStoreContract(
                RedisStore(sender: fixture.sender, namespace: RedisNamespace("tests")),
                expiry: .declined(because: "another test checks it"),
                bound: .declined(because: "another test checks it")
            )
            try await contract.check(clause)
        }
    }

    @Test func `a user of a namespace sees no other one, and none sees no namespace`() async throws {
        var options = RedisServer.Options()
        let none: RedisNamespace? = nil
        let users = [("none", none), ("live", RedisNamespace("live")), ("test", RedisNamespace("test"))]
        options.users = users.map { name, namespace in
            let rules = AccessRules(user: name, namespace: namespace).rules
            return ([name] + rules.filter { $0 != "reset" } + [">\(name)"]).joined(separator: " ")
        }
        try await RedisServer.run(options) { server in
            for (user, own) in users {
                for (other, namespace) in users {
                    let option = namespace.map { "?namespace=\($0.rawValue)" } ?? ""
                    let url = "redis://\(user):\(user)@127.0.0.1:\(server.port)\(option)"
                    let store = RedisStore(try RedisURL(url))
                    if own == namespace {
                        _ = try await store.write(1, to: key)
                    } else {
                        let error = await #expect(throws: StoreError.self, "\(user) in \(other)") {
                            try await store.load(key, after: nil)
                        }
                        #expect(error?.reason == .denied)
                    }
                    await store.close()
                }
            }
        }
    }

    @Test(arguments: ["", "a b", "{a}", "a:b", "*", "\u{e9}", String(repeating: "x", count: 65)])
    func `a name that could be taken for another part of a key is no namespace`(name: String) {
        #expect(RedisNamespace(name) == nil)
    }
}
