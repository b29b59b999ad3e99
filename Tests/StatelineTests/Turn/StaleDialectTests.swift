import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// A model that goes to another route, in another dialect, while it is told to.
private final class SwitchingModel: LanguageModel {
    static let first = Route(provider: "test", endpoint: "a", model: "m")
    static let second = Route(provider: "test", endpoint: "b", model: "n")

    let own = CountingLines(variant: "a")
    let other = CountingLines(variant: "b")
    let usesOther = Atomic(false)

    var dialect: any Dialect { own }
    var route: Route { Self.first }

    func plan(for attempt: CallAttempt) -> CallPlan {
        usesOther.load(ordering: .relaxed)
            ? CallPlan(route: Self.second, dialect: other) : CallPlan(route: route)
    }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        .answer(.text("by \(request.route.endpoint)"))
    }
}

@Suite struct StaleDialectTests {
    @Test(arguments: [false, true])
    func `after a stale commit in another dialect the next request is in the model's own`(hasCache: Bool) async throws {
        let (store, model) = (MemoryStore(), SwitchingModel())
        let session = try await Boundary(store: store, cache: hasCache ? MemoryCache() : nil)
            .session(SessionKey("s"), model: model)
        try await session.respond(to: "one")
        model.usesOther.store(true, ordering: .relaxed)
        var turn = try await session.checkout("two")
        try turn.append(Answer.text("paid"))
        let other = try await Boundary(store: store).session(SessionKey("s"), model: ScriptedModel([.text("other")]))
        try await other.respond(to: "in between")
        await #expect(throws: SessionError.self) { _ = try await turn.commit() }

        model.usesOther.store(false, ordering: .relaxed)
        var next = try await session.checkout("three")
        let (request, history) = (next.request, next.history)
        #expect(request.route == SwitchingModel.first)
        #expect(String(buffer: request.body.joined()) == history.map(model.own.line).joined())
        #expect(history.count == 5)
        await next.abandon()
    }
}
