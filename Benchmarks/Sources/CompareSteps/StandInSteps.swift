internal import Stateline
internal import Synchronization

/// A stand-in for durable steps, to be replaced: each step is a turn of its own, which commits one batch of 1 KiB.
struct StandInSteps: StepDriver {
    /// The sessions.
    let boundary: Boundary

    func run(_ key: SessionKey, steps: Int, work: StepWork) async throws -> Int {
        let next = Atomic(0)
        let model = FunctionModel { _ in .text(try work(next.load(ordering: .relaxed))) }
        let session = try await boundary.session(key, model: model)
        // Each step is a prompt and an answer.
        next.store(session.transcript.count / 2, ordering: .relaxed)
        while next.load(ordering: .relaxed) < steps {
            _ = try await session.respond(to: "go")
            next.wrappingAdd(1, ordering: .relaxed)
        }
        return session.transcript.count / 2
    }
}
