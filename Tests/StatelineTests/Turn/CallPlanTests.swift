import NIOCore
import StatelineMemory
import Synchronization
import Testing

@testable import Stateline

/// A model that goes to another route, in another dialect, after a failed attempt.
private final class RoutedModel: LanguageModel {
    static let first = Route(provider: "test", endpoint: "a", model: "m")
    static let second = Route(provider: "test", endpoint: "b", model: "n")

    let own = CountingLines(variant: "a")
    let other = CountingLines(variant: "b")
    private let seen = Mutex<[CallAttempt]>([])

    var dialect: any Dialect { own }
    var route: Route { Self.first }
    var attempts: [CallAttempt] { seen.withLock { $0 } }

    func plan(for attempt: CallAttempt) -> CallPlan {
        seen.withLock { $0.append(attempt) }
        return attempt.number == 0 ? CallPlan(route: route) : CallPlan(route: Self.second, dialect: other)
    }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        .answer(.text("by \(request.route.endpoint)"))
    }
}

@Suite struct CallPlanTests {
    private static func lines(_ transcript: Transcript, _ dialect: CountingLines) -> String {
        transcript.map(dialect.line).joined()
    }

    @Test func `an attempt after a failed one takes the route and the dialect that the model chooses`() async throws {
        let model = RoutedModel()
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                tools: [TestTool(name: "look")],
                instructions: "i"
            )
        for number in 0..<20 {
            var turn = try await session.checkout("p\(number)")
            let history = turn.history
            let first = turn.request
            #expect(first.route == RoutedModel.first && first.path == "/m")
            #expect(String(buffer: first.body.joined()) == Self.lines(history, model.own))
            try turn.start()
            // The dialect's parser refuses all bytes: the call fails.
            do throws(SessionError) {
                _ = try turn.append(ByteBuffer(string: "x"))
                Issue.record("the call did not fail")
            } catch {}
            let second = turn.request
            #expect(second.route == RoutedModel.second && second.path == "/n")
            #expect(String(buffer: second.body.joined()) == Self.lines(history, model.other))
            #expect(second.sentAgainBytes == 0)
            try turn.start()
            try turn.append(.text("r"))
            let commit = try await turn.commit()
            #expect(commit.trace.crossings.map(\.route) == [RoutedModel.first, RoutedModel.second])
            #expect(session.snapshot.rendering.bytes == Array(Self.lines(session.transcript, model.own).utf8))
        }
        let attempts = model.attempts.suffix(2)
        #expect(attempts.map(\.number) == [0, 1])
        #expect(attempts.map { $0.previousError == nil } == [true, false])
        // The 41 entries are rendered for each dialect; each turn's prompt twice at most.
        #expect(model.own.count <= 41 + 40 && model.other.count <= 41 + 40)
    }

    @Test func `a turn of the loop goes where the plan says`() async throws {
        let model = RoutedModel()
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        #expect(try await session.respond(to: "go").content == "by a")
        #expect(model.attempts.map(\.step) == [0])
    }
}
