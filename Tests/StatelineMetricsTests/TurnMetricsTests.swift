import CoreMetrics
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineMetrics

/// A boundary whose turns are counted.
struct Counted {
    let exporter = PrometheusExporter()
    let clock = ManualClock()
    let boundary: Boundary

    init(_ store: any SessionStore = MemoryStore(), cache: MemoryCache? = nil) {
        boundary = Boundary(
            store: store,
            cache: cache,
            observers: [TurnMetrics(factory: exporter, backend: "memory")],
            clock: clock
        )
    }

    /// A model that takes a second to begin and two to end.
    func model(_ replies: [ScriptedModel.Reply], provider: String = "scripted") -> ScriptedModel {
        ScriptedModel(replies, route: Route(provider: provider, model: "script"), clock: clock)
    }

    func slow(_ text: String, usage: Usage? = nil) -> ScriptedModel.Reply {
        ScriptedModel.Reply([
            .advance(by: .seconds(1)), .lap(.send), .advance(by: .seconds(2)), .answer(.text(text, usage: usage)),
        ])
    }

    /// The values on the page.
    var values: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: exporter.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { line in
                    let end = line.lastIndex(of: " ") ?? line.endIndex
                    return (String(line[..<end]), Double(line[end...].dropFirst()) ?? .nan)
                }
        )
    }
}

@Suite struct TurnMetricsTests {
    private let usage = Usage(
        input: .init(totalTokenCount: 100, cachedTokenCount: 40),
        output: .init(totalTokenCount: 7)
    )

    @Test func `a committed turn is counted under the names of the table`() async throws {
        let counted = Counted()
        let model = counted.model([counted.slow("Four.", usage: usage), counted.slow("Five.", usage: usage)])
        let session = try await counted.boundary.session(SessionKey("secret-thread"), model: model)
        let first = try await session.respond(to: "2 + 2?").trace
        let second = try await session.respond(to: "2 + 3?").trace
        let values = counted.values

        #expect(values["stateline_turn_duration_seconds_count{outcome=\"committed\"}"] == 2)
        #expect(values["stateline_turn_duration_seconds_sum{outcome=\"committed\"}"] == 6)
        #expect(values["stateline_turn_stage_duration_seconds_sum{stage=\"send\"}"] == 2)
        #expect(values["stateline_turn_stage_duration_seconds_sum{stage=\"firstByte\"}"] == 4)
        #expect(values["stateline_turn_stage_duration_seconds_count{stage=\"tools\"}"] == 0)
        #expect(values["stateline_overhead_ratio_bucket{le=\"0.001\"}"] == 2)
        #expect(values["stateline_model_time_seconds_total"] == 6)
        #expect(values["stateline_store_time_seconds_total"] == 0)

        let sent = first.requestBytes + second.requestBytes
        #expect(second.sentAgainBytes > 0)
        #expect(values["stateline_replay_sent_bytes_total"] == Double(sent))
        #expect(values["stateline_replay_new_bytes_total"] == Double(sent - second.sentAgainBytes))
        #expect(values["stateline_replay_prefix_bytes_total"] == Double(second.prefixBytes))
        #expect(values["stateline_replay_sent_tokens_total"] == 200)
        #expect(values["stateline_replay_new_tokens_total"] == Double(200 - (second.sentAgainTokens ?? 0)))
        #expect(values["stateline_replay_cached_tokens_total"] == 80)
        #expect(values["stateline_replay_amplification_count"] == 2)
        #expect(values["stateline_prefix_broken_total{reason=\"unknown\"}"] == 0)

        let written = first.storeBytesWritten + second.storeBytesWritten
        #expect(values["stateline_store_bytes_total{backend=\"memory\",direction=\"write\"}"] == Double(written))
        #expect(values["stateline_store_round_trips_sum{op=\"commit\"}"] == 2)
        #expect(values["stateline_store_round_trips_bucket{op=\"commit\",le=\"1\"}"] == 2)
        #expect(values["stateline_commit_total{result=\"committed\"}"] == 2)
        #expect(values["stateline_commit_durability_total{level=\"memory\"}"] == 2)
        #expect(values["stateline_cache_requests_total{result=\"bypass\"}"] == 2)
        #expect(values["stateline_session_size_bytes_count"] == 2)

        let route = #"gen_ai_operation_name="chat",gen_ai_provider_name="scripted",gen_ai_request_model="script""#
        #expect(values["gen_ai_client_operation_duration_seconds_sum{\(route)}"] == 6)
        #expect(values["gen_ai_client_operation_time_to_first_chunk_seconds_count{\(route)}"] == 2)
        #expect(values["gen_ai_client_token_usage_sum{\(route),gen_ai_token_type=\"input\"}"] == 200)
        #expect(values["gen_ai_client_token_usage_sum{\(route),gen_ai_token_type=\"output\"}"] == 14)
        #expect(!counted.exporter.text().contains("secret"))
    }

    @Test func `a handle on a session that exists counts its load`() async throws {
        let counted = Counted()
        let model = counted.model([.text("a"), .text("b")])
        try await counted.boundary.session(SessionKey("s"), model: model).respond(to: "1")
        let trace = try await counted.boundary.session(SessionKey("s"), model: model).respond(to: "2").trace
        let values = counted.values
        #expect(values["stateline_store_round_trips_count{op=\"load\"}"] == 1)
        #expect(trace.storeBytesRead > 0)
        #expect(
            values["stateline_store_bytes_total{backend=\"memory\",direction=\"read\"}"] == Double(trace.storeBytesRead)
        )
    }

    @Test func `a cache's hits and misses are told apart`() async throws {
        let counted = Counted(cache: MemoryCache())
        let model = counted.model([.text("a"), .text("b")])
        let session = try await counted.boundary.session(SessionKey("s"), model: model)
        try await session.respond(to: "1")
        try await session.respond(to: "2")
        #expect(counted.values["stateline_cache_requests_total{result=\"hit\"}"] == 2)
    }

    @Test func `repairs of a history are counted by their rules, once`() async throws {
        let counted = Counted()
        let calls = Entry(.toolCalls([ToolCall(id: "a", name: "t", arguments: "{")]))
        let session = try await counted.boundary.session(
            SessionKey("s"),
            model: counted.model([.text("a"), .text("b")]),
            history: [.prompt("p"), calls, .prompt("q"), .response("r")]
        )
        for prompt in ["1", "2"] { try await session.respond(to: prompt) }
        #expect(counted.values["stateline_repairs_total{rule=\"truncated_arguments\"}"] == 1)
        #expect(counted.values["stateline_repairs_total{rule=\"unanswered_call\"}"] == 1)
        #expect(counted.values["stateline_repairs_total{rule=\"duplicated_call\"}"] == 0)
    }

    @Test func `a model that fails is told by its turn and its call`() async throws {
        let counted = Counted()
        let failure = ModelError.rateLimited(retryAfter: nil, message: "secret")
        let model = counted.model([.failing(failure)])
        let session = try await counted.boundary
            .session(SessionKey("s"), model: model, configuration: SessionConfiguration(retries: .none))
        await #expect(throws: SessionError.model(failure)) { try await session.respond(to: "1") }
        let values = counted.values
        let route = #"gen_ai_operation_name="chat",gen_ai_provider_name="scripted",gen_ai_request_model="script""#
        #expect(values["stateline_turn_duration_seconds_count{outcome=\"model_failed\"}"] == 1)
        #expect(
            values["gen_ai_client_operation_duration_seconds_count{error_type=\"rate_limited\",\(route)}"] == 1
        )
        #expect(values.allSatisfy { !$0.key.hasPrefix("stateline_commit_total") || $0.value == 0 })
        #expect(!counted.exporter.text().contains("secret"))
    }

    @Test func `a turn that comes too late is a stale commit`() async throws {
        let counted = Counted()
        let other = try await counted.boundary.session(SessionKey("s"), model: counted.model([.text("other")]))
        let session = try await counted.boundary.session(SessionKey("s"), model: counted.model([]))
        var late = try await session.checkout("2")
        try await other.respond(to: "1")
        try late.append(Answer.text("late"))
        do throws(SessionError) {
            _ = try await late.commit()
            Issue.record("committed although another turn came first")
        } catch {
            guard case .notCommitted = error else { throw error }
        }
        let values = counted.values
        #expect(values["stateline_commit_total{result=\"stale\"}"] == 1)
        #expect(values["stateline_commit_total{result=\"committed\"}"] == 1)
        #expect(values["stateline_turn_duration_seconds_count{outcome=\"not_committed\"}"] == 1)
    }

    @Test func `turns that are dropped, cancelled, refused or failed by a tool are told apart`() async throws {
        let counted = Counted()
        let call = ToolCall(id: "c", name: "none", arguments: "{}")
        let model = counted.model([.toolCalls(call), .failing(.cancelled), .toolCalls(call)])
        let session = try await counted.boundary
            .session(SessionKey("s"), model: model, configuration: SessionConfiguration(toolFailures: .fail))
        _ = try await session.checkout("dropped")
        await #expect(throws: SessionError.self) { try await session.respond(to: "calls a tool that is not there") }
        await #expect(throws: SessionError.cancelled()) { try await session.respond(to: "cancelled") }
        let limited = try await counted.boundary
            .session(SessionKey("s"), model: model, configuration: SessionConfiguration(maximumSteps: 1))
        await #expect(throws: SessionError.self) { try await limited.respond(to: "calls tools for ever") }
        let ends = counted.values.filter { $0.key.hasPrefix("stateline_turn_duration_seconds_count") && $0.value > 0 }
        #expect(
            ends == [
                "stateline_turn_duration_seconds_count{outcome=\"abandoned\"}": 1,
                "stateline_turn_duration_seconds_count{outcome=\"cancelled\"}": 1,
                "stateline_turn_duration_seconds_count{outcome=\"refused\"}": 1,
                "stateline_turn_duration_seconds_count{outcome=\"tool_failed\"}": 1,
            ]
        )
    }

    @Test func `a session that is gone fails the turn that begins on it`() async throws {
        let store = MemoryStore()
        let counted = Counted(store, cache: MemoryCache())
        let session = try await counted.boundary.session(SessionKey("s"), model: counted.model([]))
        try await counted.boundary.delete(SessionKey("s"))
        await #expect(throws: SessionError.self) { try await session.respond(to: "1") }
        #expect(counted.values["stateline_turn_duration_seconds_count{outcome=\"store_failed\"}"] == 1)
    }

    @Test func `the stages sum to the turns, over hundreds of turns of every end`() async throws {
        let (clock, exporter) = (ManualClock(), PrometheusExporter())
        let boundary = Boundary(store: MemoryStore(), observers: [TurnMetrics(factory: exporter)], clock: clock)
        let model = ScriptedModel(clock: clock) { call, _ in
            let (first, rest) = (Duration.microseconds(call % 13 + 1), Duration.microseconds(call % 5 * 100))
            let end = call % 7 == 3 ? ScriptedModel.Event.failure(.invalidUTF8) : .answer(.text("answer \(call)"))
            return ScriptedModel.Reply([.advance(by: first), .lap(.firstByte), .advance(by: rest), end])
        }
        let session = try await boundary.session(SessionKey("s"), model: model)
        for turn in 0..<500 {
            if turn % 11 == 5 {
                _ = try await session.checkout("dropped")
            } else {
                do { try await session.respond(to: "prompt \(turn)") } catch SessionError.model {}
            }
        }
        let lines = exporter.text().split(separator: "\n")
        func sum(_ name: String) -> Double {
            lines.filter { $0.hasPrefix(name) }.compactMap { Double($0.split(separator: " ")[1]) }.reduce(0, +)
        }
        let turns = sum("stateline_turn_duration_seconds_sum")
        let stages = sum("stateline_turn_stage_duration_seconds_sum")
        #expect(sum("stateline_turn_duration_seconds_count") == 500)
        #expect(turns > 0.05)
        #expect(abs(turns - stages) <= turns / 1_000_000, "turns \(turns) s, stages \(stages) s")
    }

    @Test func `models beyond the limit are counted together`() async throws {
        let counted = Counted()
        for number in 0..<TurnMetrics.maximumRoutes + 20 {
            let model = counted.model([.text("a")], provider: "provider-\(number)")
            try await counted.boundary.session(SessionKey("\(number)"), model: model).respond(to: "1")
        }
        let counts = counted.values.filter { $0.key.hasPrefix("gen_ai_client_operation_duration_seconds_count") }
        #expect(counts.count == TurnMetrics.maximumRoutes + 1)
        #expect(counts.first { $0.key.contains("gen_ai_provider_name=\"_OTHER\"") }?.value == 20)
    }
}

@Suite struct LabelTests {
    @Test func `every value of a label has its own index, in order`() {
        #expect(OutcomeLabel.allCases.map(\.index) == Array(0..<OutcomeLabel.allCases.count))
        #expect(CommitLabel.allCases.map(\.index) == Array(0..<CommitLabel.allCases.count))
        #expect(DurabilityLabel.allCases.map(\.index) == Array(0..<DurabilityLabel.allCases.count))
        #expect(CacheLabel.allCases.map(\.index) == Array(0..<CacheLabel.allCases.count))
    }
}
