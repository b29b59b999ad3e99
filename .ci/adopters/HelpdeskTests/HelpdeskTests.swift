import Helpdesk
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

struct HelpdeskTests {
    @Test func `a question is answered with the history of its customer`() async throws {
        let model = ScriptedModel([.text("Try to restart it."), .text("Then replace it.")])
        let desk = Helpdesk(store: MemoryStore(), model: model)
        #expect(try await desk.answer("The lamp is dark.", of: "ada") == "Try to restart it.")
        #expect(try await desk.answer("It is still dark.", of: "ada") == "Then replace it.")
        #expect(
            model.requests.last?.transcript.map(\.text) == [
                "You answer for the helpdesk.", "The lamp is dark.", "Try to restart it.", "It is still dark.",
            ]
        )
    }

    @Test func `a busy provider is asked again, after the time that it names`() async throws {
        let clock = ManualClock()
        let busy = ModelError.rateLimited(retryAfter: .seconds(3), message: "slow down")
        let model = ScriptedModel([.failing(busy), .text("Here I am.")])
        let desk = Helpdesk(store: MemoryStore(), model: model, clock: clock)
        async let answer = desk.answer("Hello?", of: "ada")
        await clock.waitForSleepers(1)
        #expect(model.requests.count == 1)
        // The jitter adds half a second at most.
        clock.advance(by: .seconds(4))
        #expect(try await answer == "Here I am.")
    }

    @Test func `a refusal is handed to a person`() async throws {
        let refusal = Answer(entries: [Entry(.response([.refusal("I cannot help with that.")]))])
        let desk = Helpdesk(store: MemoryStore(), model: ScriptedModel([.answer(refusal)]))
        #expect(try await desk.answer("Open the safe.", of: "eve") == Helpdesk.handover)
    }
}
