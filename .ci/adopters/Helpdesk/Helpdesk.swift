public import Stateline

/// An adopter's own layer: answers questions of customers, and waits if the provider is busy.
public struct Helpdesk: Sendable {
    /// The text that a customer gets if the model declines.
    public static let handover = "A colleague will get back to you."

    private let boundary: Boundary
    private let model: any LanguageModel
    private let clock: any Clock<Duration>

    /// Creates a helpdesk on a store.
    public init(store: some SessionStore, model: some LanguageModel, clock: some Clock<Duration> = ContinuousClock()) {
        self.boundary = Boundary(store: store, concurrency: .enqueue(limit: 16))
        self.model = model
        self.clock = clock
    }

    /// Answers a question of a customer.
    public func answer(_ question: String, of customer: String) async throws -> String {
        let session = try await boundary.session(
            SessionKey(customer, tenant: "helpdesk"),
            model: model,
            instructions: "You answer for the helpdesk."
        )
        do throws(SessionError) {
            return try await ask(question, session)
        } catch {
            guard case .model(.rateLimited(let retryAfter, _), _) = error else { throw error }
            try await clock.sleep(for: retryAfter ?? .seconds(1))
            return try await ask(question, session)
        }
    }

    private func ask(_ question: String, _ session: ModelSession) async throws(SessionError) -> String {
        let response = try await session.respond(to: Prompt(question))
        return response.refusal == nil ? response.content : Self.handover
    }
}
