public import Stateline

/// An adopter's own layer: answers questions of customers, and waits if the provider is busy.
public struct Helpdesk: Sendable {
    /// The text that a customer gets if the model declines.
    public static let handover = "A colleague will get back to you."

    private let boundary: Boundary
    private let model: any LanguageModel

    /// Creates a helpdesk on a store.
    public init(store: some SessionStore, model: some LanguageModel, clock: some Clock<Duration> = ContinuousClock()) {
        self.boundary = Boundary(store: store, concurrency: .enqueue(limit: 16), clock: clock)
        self.model = model
    }

    /// Answers a question of a customer.
    public func answer(_ question: String, of customer: String) async throws -> String {
        let session = try await boundary.session(
            SessionKey(customer, tenant: "helpdesk"),
            model: model,
            instructions: "You answer for the helpdesk.",
            configuration: SessionConfiguration(retries: RetryPolicy(maximumAttempts: 2))
        )
        let response = try await session.respond(to: Prompt(question))
        return response.refusal == nil ? response.content : Self.handover
    }
}
