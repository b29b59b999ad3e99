import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// Settings of living sessions.
@Suite struct SettingsTests {
    let store = MemoryStore()

    func session(
        _ instructions: String? = nil,
        tools: [any Tool] = [],
        _ policy: SettingsPolicy? = nil,
        configuration: SessionConfiguration = SessionConfiguration()
    ) async throws -> ModelSession {
        let (boundary, key, model) = (Boundary(store: store), SessionKey("s"), LineModel([]))
        guard let policy else {
            return try await boundary.session(
                key,
                model: model,
                tools: tools,
                instructions: instructions,
                configuration: configuration
            )
        }
        return try await boundary.session(
            key,
            model: model,
            tools: tools,
            instructions: instructions,
            settingsPolicy: policy,
            configuration: configuration
        )
    }

    @Test func `a session with other instructions is refused unless the opener says what to do`() async throws {
        let first = try await session("One.")
        try await first.respond(to: "hello")
        await #expect(throws: SessionError.settingsDiffer(first.key, [.instructions])) { try await session("Two.") }
        for same in ["One.", nil] { #expect(try await session(same).transcript == first.transcript) }
        let keeping = try await session("Two.", .keep)
        #expect(keeping.instructions == "One.")
        #expect(keeping.snapshot.position == first.snapshot.position)
        let replacing = try await session("Two.", .replace)
        #expect(replacing.transcript.map(\.text) == ["Two.", "hello", "ok"])
        #expect(replacing.snapshot.position.revision == 3)
        #expect(try await session("Two.").transcript == replacing.transcript)
        await #expect(throws: SessionError.settingsDiffer(first.key, [.instructions])) { try await session("One.") }
        try await first.refresh()
        #expect(first.instructions == "Two.")
    }

    @Test func `instructions are given, changed and taken out, and a rewind shows those of its view`() async throws {
        let session = try await session()
        try await session.respond(to: "p0")
        try await session.changeSettings(instructions: "One.")
        #expect(session.transcript.map(\.text) == ["One.", "p0", "ok"])
        let one = session.snapshot.position.revision
        #expect(try await session.changeSettings(instructions: "One.").revision == one)
        try await session.changeSettings(instructions: "Two.")
        try await session.respond(to: "p1")
        #expect(session.transcript.map(\.text) == ["Two.", "p0", "ok", "p1", "ok"])
        try await session.rewind(to: one)
        #expect(session.instructions == "One.")
        try await session.changeSettings(instructions: "")
        #expect(session.instructions == nil)
        #expect(try await self.session().transcript == session.transcript)
    }

    @Test func `options of the session come after a turn's and before the configuration's`() async throws {
        let configuration = SessionConfiguration(options: GenerationOptions(temperature: 0.1, topP: 0.1, seed: 1))
        let session = try await session(configuration: configuration)
        try await session.changeSettings(options: GenerationOptions(temperature: 0.2, topP: 0.2))
        let cold = try await self.session(configuration: configuration)
        for handle in [session, cold] {
            let turn = try await handle.checkout("p", options: GenerationOptions(temperature: 0.3))
            #expect(turn.options == GenerationOptions(temperature: 0.3, topP: 0.2, seed: 1))
            await turn.abandon()
        }
        try await session.changeSettings(options: GenerationOptions())
        #expect(session.settings.options == GenerationOptions())
        #expect(session.snapshot.position.revision == 3)
    }

    @Test func `all options but headers are stored, and are the same in another process`() async throws {
        let tool = TestTool(name: "weather")
        let session = try await session(tools: [tool])
        try await session.changeSettings(options: GoldenBatch.options)
        let cold = try await self.session(tools: [tool])
        #expect(cold.settings.options == GoldenBatch.options)
        #expect(cold.settings == session.settings)
        await #expect(throws: SessionError.self) {
            try await session.changeSettings(options: GenerationOptions(headers: ["x-key": "secret"]))
        }
        await #expect(throws: SessionError.self) {
            try await session.changeSettings(options: GenerationOptions(temperature: .infinity))
        }
        #expect(session.snapshot.position.revision == 2)
    }

    @Test func `tools that were recorded are compared when the session is opened`() async throws {
        let (one, two) = (TestTool(name: "one"), TestTool(name: "two"))
        let first = try await session(tools: [one])
        #expect(try await session(tools: [two]).settings.tools == nil)
        try await first.changeSettings(recordsTools: true)
        #expect(first.settings.tools?.names == ["one"])
        await #expect(throws: SessionError.settingsDiffer(first.key, [.tools])) { try await session(tools: [two]) }
        #expect(try await session(tools: [two], .keep).settings.tools?.names == ["one"])
        #expect(try await session(tools: [two], .replace).settings.tools?.names == ["two"])
        _ = try await session(tools: [two])
    }

    @Test func `a rewind leaves options as they are, and a fork has those of its revision`() async throws {
        let session = try await session()
        try await session.respond(to: "p0")
        try await session.changeSettings(instructions: "One.", options: GenerationOptions(temperature: 1))
        try await session.respond(to: "p1")
        let late = try await session.fork(as: "late")
        let early = try await session.fork(at: 2, as: "early")
        #expect(late.settings.options.temperature == 1)
        #expect(late.instructions == "One.")
        #expect(early.settings.options.temperature == nil)
        #expect(early.instructions == nil)
        let again = try await Boundary(store: store).session(late.key, model: LineModel([]))
        #expect(again.settings == late.settings)
        try await session.rewind(to: 2)
        #expect(session.settings.options.temperature == 1)
        #expect(session.instructions == nil)
    }

    @Test func `a turn that runs while options change commits after them`() async throws {
        let session = try await session()
        let other = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        var turn = try await session.checkout("p")
        try await other.changeSettings(options: GenerationOptions(seed: 4))
        try turn.append(Answer(entries: [.response("r")], finishReason: .stop))
        #expect(try await turn.commit().position.revision == 3)
        #expect(session.settings.options.seed == 4)
    }

    @Test func `a session without settings stores not a byte for them`() async throws {
        let session = try await session("One.")
        try await session.respond(to: "p")
        var cost = StoreCost()
        for batch in try await session.boundary.log.batches(of: session.key, after: nil, cost: &cost) {
            #expect(try batch.decoded().batch.settings == nil)
        }
        #expect(session.snapshot.settingsBox == nil)
    }
}
