import Foundation
import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

struct Cart: Codable, Equatable, Sendable {
    var items: [String] = []
}

extension SessionValueKey<Cart> {
    static var cart: Self { Self("cart") }
}

extension SessionValueKey<Int> {
    static var count: Self { Self("count") }
}

@Suite struct ValueTests {
    let store = StrayStore(MemoryStore(), timeLimit: .seconds(5))

    func handle(
        _ id: String = "s",
        replies: [LineModel.Reply] = [],
        tools: [any Tool] = []
    ) async throws -> ModelSession {
        // A boundary of its own, as another process would have.
        try await Boundary(store: store)
            .session(
                SessionKey(id),
                model: LineModel(replies),
                tools: tools,
                configuration: SessionConfiguration(retries: .none)
            )
    }

    static func tool(
        _ name: String = "put",
        _ work: @escaping @Sendable (ToolContext) async throws -> ToolResult
    ) -> JSONTool {
        let definition = ToolDefinition(name: name, description: "Changes values.", parameters: .object())
        return JSONTool(definition) { _, context in try await work(context) }
    }

    @Test func `a value is one commit of few bytes, and every reader folds it`() async throws {
        let session = try await handle()
        let (appends, loads) = (store.appendCount, store.loadCount)
        let position = try await session.set(.cart, to: Cart(items: ["pear"]))
        #expect(store.appendCount == appends + 1 && store.loadCount == loads)
        #expect(try session.state[.cart] == Cart(items: ["pear"]))
        #expect(session.state.revision(of: .cart) == position.revision)
        #expect(session.state.json(named: "cart") == #"{"items":["pear"]}"#)
        guard case .tail(let log) = try await store.load(session.key, after: nil), let batch = log.last else {
            throw TestError()
        }
        // Version, digest, head of 34 bytes, batch of 25 bytes, section, name and JSON.
        #expect(batch.bytes.readableBytes <= 140)
        #expect(try await handle().state == session.state)
        #expect(session.transcript.isEmpty)
    }

    @Test func `a session without values stores nothing for them`() async throws {
        let session = try await handle()
        try await session.respond(to: "go")
        guard case .tail(let log) = try await store.load(session.key, after: nil) else { throw TestError() }
        for batch in log {
            var body = BatchFormat.encode(try batch.decoded().batch)
            body.moveReaderIndex(forwardBy: 25)
            #expect(body.readableBytes == 0 || body.getInteger(at: body.readerIndex, as: UInt8.self) == 1)
        }
        #expect(session.state.isEmpty && session.state.weight == 0)
    }

    @Test func `tools read and write values, which are committed with the turn`() async throws {
        let put = Self.tool { context in
            try context.state.update(.cart, default: Cart()) { $0.items.append("pear") }
            return "\(try context.state[.cart]?.items.count ?? 0)"
        }
        let session = try await handle(replies: [.calls("put", "put"), .calls("put"), .text("done")], tools: [put])
        let appends = store.appendCount
        let response = try await session.respond(to: "go")
        #expect(store.appendCount == appends + 1)
        #expect(response.trace.storeRoundTrips == 1)
        #expect(try session.state[.cart]?.items.count == 3)
        #expect(session.state.revision == response.revision)
        #expect(session.transcript.last { if case .toolOutput = $0.content { true } else { false } }?.text == "3")
        #expect(try await handle().state == session.state)
    }

    @Test func `concurrent tools lose no change`() async throws {
        let put = Self.tool { context in
            for _ in 0..<100 {
                try context.state.update(.count, default: 0) { $0 += 1 }
                await Task.yield()
            }
            return "ok"
        }
        let names = Array(repeating: "put", count: 8)
        let reply = LineModel.Reply(
            chunks: names.enumerated().map { "call:c\($0.offset) \($0.element) {}\n" } + ["done\n"]
        )
        let session = try await handle(replies: [reply, .text("done")], tools: [put])
        try await session.respond(to: "go")
        #expect(try session.state[.count] == 800)
    }

    @Test func `a turn that fails changes no value, and its draft has the changes`() async throws {
        let put = Self.tool { context in
            try context.state.set(.count, to: 1)
            return "ok"
        }
        let refused = LineModel.Reply(refused: .overloaded(retryAfter: nil, message: "later"))
        let session = try await handle(replies: [.calls("put"), refused], tools: [put])
        let error = try await #require(throws: SessionError.self) { try await session.respond(to: "go") }
        #expect(session.state.isEmpty)
        #expect(try await handle().state.isEmpty)
        let draft = try #require(error.draft)
        #expect(draft.values.map(\.name) == ["count"])
        // As another process would read it.
        let copy = try JSONDecoder().decode(Draft.self, from: try JSONEncoder().encode(draft))
        #expect(copy.values == draft.values)
        try await session.commit(copy)
        #expect(try session.state[.count] == 1)
    }

    @Test func `a tool that has returned cannot change values any more`() async throws {
        let kept = AsyncStream<TurnValues>.makeStream()
        let put = Self.tool { context in
            kept.continuation.yield(context.state)
            return "ok"
        }
        let session = try await handle(replies: [.calls("put"), .text("done")], tools: [put])
        try await session.respond(to: "go")
        for await values in kept.stream {
            #expect(throws: ValueError.turnEnded) { try values.set(.count, to: 1) }
            break
        }
        #expect(session.state.isEmpty)
    }

    @Test func `the owner of a turn changes values with it`() async throws {
        let session = try await handle()
        var turn = try await session.checkout("go")
        try turn.append(Answer.text("done"))
        try turn.state.set(.count, to: 7)
        let state = turn.state
        _ = try await turn.commit()
        #expect(try session.state[.count] == 7)
        #expect(throws: ValueError.turnEnded) { try state.set(.count, to: 8) }
        var dropped = try await session.checkout("again")
        try dropped.append(Answer.text("done"))
        try dropped.state.set(.count, to: 9)
        await dropped.abandon()
        #expect(try session.state[.count] == 7)
    }

    @Test func `a value that another handle sets during a turn does not make the paid answer stale`() async throws {
        let session = try await handle()
        let other = try await handle()
        var turn = try await session.checkout("go")
        try turn.append(Answer.text("paid"))
        try turn.state.set(.count, to: 1)
        try await other.set(.cart, to: Cart(items: ["pear"]))
        try await other.set(.count, to: 5)
        _ = try await turn.commit()
        let reader = try await handle()
        #expect(reader.transcript.last?.text == "paid")
        #expect(try reader.state[.cart] == Cart(items: ["pear"]))
        // The last writer wins.
        #expect(try reader.state[.count] == 1)
    }

    @Test func `a value may be set on the handle of a running turn`() async throws {
        let session = try await handle()
        var turn = try await session.checkout("go")
        try turn.append(Answer.text("paid"))
        try await session.setTitle("Fruit")
        _ = try await turn.commit()
        #expect(session.title == "Fruit")
        #expect(session.transcript.last?.text == "paid")
    }

    @Test func `an expected value that another writer changed is a conflict`() async throws {
        let (one, two) = (try await handle(), try await handle())
        try await one.set(.count, to: 1, expecting: 0)
        let position = one.state.revision(of: .count)
        let error = try await #require(throws: SessionError.self) { try await two.set(.count, to: 2, expecting: 0) }
        #expect(error == .value(.changed(name: "count", revision: position)))
        try await two.set(.count, to: 2, expecting: position)
        try await one.updateValues { edit throws(ValueError) in try edit.update(.count, default: 0) { $0 += 1 } }
        #expect(try one.state[.count] == 3)
        try await one.remove(.count)
        #expect(try one.state[.count] == nil)
        let revision = one.position.revision
        try await one.remove(.count)
        #expect(one.position.revision == revision)
    }

    @Test func `a rewind writes back the values of its revision in one commit, and can be undone`() async throws {
        let session = try await handle()
        let first = try await session.respond(to: "one").revision
        try await session.set(.count, to: 1)
        let second = try await session.set(.cart, to: Cart(items: ["pear"])).revision
        try await session.respond(to: "two")
        try await session.set(.count, to: 2)
        try await session.remove(.cart)
        let third = try await session.setTitle("Fruit").revision
        let appends = store.appendCount
        try await session.rewind(to: second)
        #expect(store.appendCount == appends + 1)
        #expect(try session.state[.count] == 1)
        #expect(try session.state[.cart] == Cart(items: ["pear"]))
        #expect(session.title == "Fruit")
        try await session.rewind(to: first)
        #expect(session.state.names == ["stateline.title"])
        try await session.rewind(to: third)
        #expect(try session.state[.count] == 2)
        #expect(session.state.names == ["count", "stateline.title"])
        #expect(try await handle().state == session.state)
    }

    @Test func `a rewind to a revision with the same values loads nothing`() async throws {
        let session = try await handle()
        try await session.set(.count, to: 1)
        let first = try await session.respond(to: "one").revision
        try await session.respond(to: "two")
        let loads = store.loadCount
        try await session.rewind(to: first)
        #expect(store.loadCount == loads)
        #expect(try session.state[.count] == 1)
    }

    @Test func `a fork has the values of its revision, and its own from then on`() async throws {
        let session = try await handle()
        let first = try await session.set(.count, to: 1).revision
        try await session.set(.count, to: 2)
        let fork = try await session.fork(as: "newest")
        let earlier = try await session.fork(at: first, as: "earlier")
        try await fork.set(.count, to: 3)
        #expect(try session.state[.count] == 2)
        #expect(try fork.state[.count] == 3)
        #expect(try earlier.state[.count] == 1)
        let reader = try await Boundary(store: store).session(earlier.key, model: LineModel([]), opening: .resume)
        #expect(try reader.state[.count] == 1)
    }

    @Test func `limits and types are errors that change nothing`() async throws {
        let session = try await handle()
        let revision = session.position.revision
        func error(_ name: String, _ value: String) async throws -> SessionError {
            try await #require(throws: SessionError.self) {
                try await session.set(SessionValueKey<String>(name), to: value)
            }
        }
        let long = String(repeating: "a", count: SessionValues.maximumValueSize)
        #expect(try await error("long", long) == .value(.tooLarge(name: "long", size: long.utf8.count + 2)))
        for name in ["", "two words", "é", String(repeating: "n", count: 129)] {
            #expect(try await error(name, "") == .value(.invalidName(name)))
        }
        #expect(session.position.revision == revision)
        var edit = ValueEdit(SessionValues())
        let part = String(long.dropLast(2))
        for number in 0..<15 { try edit.set(SessionValueKey<String>("part\(number)"), to: part) }
        #expect(throws: ValueError.self) { try edit.set(SessionValueKey<String>("part15"), to: part) }
        try edit.set(SessionValueKey<String>("part14"), to: "")
        try edit.set(SessionValueKey<String>("part15"), to: part)
        var many = ValueEdit(SessionValues())
        for number in 0..<SessionValues.maximumCount { try many.set(SessionValueKey<Int>("n\(number)"), to: number) }
        #expect(throws: ValueError.tooMany) { try many.set(SessionValueKey<Int>("another"), to: 0) }
        many.remove(SessionValueKey<Int>("n0"))
        try many.set(SessionValueKey<Int>("onemore"), to: 0)
        try await session.set(.count, to: 1)
        #expect(throws: ValueError.notDecodable(name: "count", description: "no String")) {
            try session.state[SessionValueKey<String>("count")]
        }
    }

    @Test func `the values of a user are shared by sessions, and apart from other users, tenants and sessions`()
        async throws
    {
        let boundary = Boundary(store: store)
        let (anna, same) = (try await boundary.values(of: .user("anna")), try await boundary.values(of: .user("anna")))
        let appends = store.appendCount
        try await anna.set(.count, to: 1)
        #expect(store.appendCount == appends + 1)
        try await same.updateValues { edit throws(ValueError) in try edit.update(.count, default: 0) { $0 += 1 } }
        #expect(try await anna.refresh()[.count] == 2)
        for scope in [ValueScope.user("bert"), .user("anna", tenant: "acme"), .app("anna"), .app()] {
            #expect(try await boundary.values(of: scope).state.isEmpty)
        }
        let key = SessionKey("anna", tenant: "stateline.values.user/default")
        let error = try await #require(throws: SessionError.self) {
            try await boundary.session(key, model: LineModel([]))
        }
        #expect(error == .invalidKey(key))
        try await boundary.deleteValues(of: .user("anna"))
        await #expect(throws: SessionError.self) { try await anna.set(.count, to: 3) }
    }

    @Test func `the values of an open turn's steps take effect at its end`() throws {
        func batch(_ record: TurnRecord?, _ values: [ValueChange] = []) -> Batch {
            var batch = Batch(.step, turn: TurnID(rawValue: 1), created: Timestamp(milliseconds: 0))
            batch.record = record
            batch.values = values
            return batch
        }
        let one = ValueChange(name: "one", value: ByteBuffer(string: "1"))
        let start = SessionValues().applying([ValueChange(name: "zero", value: ByteBuffer(string: "0"))], at: 1)
        let held = start.following(batch(.stepped(inputs: 0), [one]), at: 2)
        #expect(held == start)
        #expect(held.ofOpenTurn.names == ["one", "zero"])
        #expect(held.following(batch(.ended(.init(.committed))), at: 3).names == ["one", "zero"])
        let failed = held.following(batch(.ended(.init(.cancelled))), at: 3)
        #expect(failed == start && failed.held.isEmpty)
    }
}

extension ModelSession {
    fileprivate var position: Position { snapshot.position }
}
