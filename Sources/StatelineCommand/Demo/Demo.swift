internal import Stateline
internal import StatelineModels
internal import StatelineUpstream

/// A session with an upstream of its own.
struct Demo {
    let turns: Int
    let messageBytes: Int
    let boundary: Boundary
    let session: String

    /// Runs the session.
    ///
    /// - Parameter each: Called with each turn after it ends.
    /// - Returns: The figures of all turns, compared with the upstream's.
    /// - Throws: The error of a turn or of `each`.
    func run(_ each: (DemoTurn) throws -> Void) async throws -> DemoResult {
        var configuration = Upstream.Configuration()
        // A single conversation is compared with its newest body only, which is kept whatever its size.
        configuration.recordedBytes = 0
        configuration.bodyLimit = .max
        return try await Upstream.withServer(configuration) { upstream in
            let model = try ChatCompletionsModel(baseURL: upstream.baseURL, model: "upstream")
            let session = try await boundary.session(SessionKey(self.session), model: model, instructions: "Be brief.")
            var result = DemoResult(session: session.key.id)
            for number in 1...turns {
                let trace = try await session.respond(to: message(number)).trace
                let turn = DemoTurn(trace, turn: number, amplification: session.snapshot.head.amplification)
                let received = await upstream.report(newest: 1)
                result.add(turn, trace, head: session.snapshot.head, received: received)
                try each(turn)
            }
            return result
        }
    }

    /// Makes the prompt of a turn, different for each turn.
    private func message(_ number: Int) -> String {
        let sentence = "Turn \(number): what has gone before is sent again, and this is new. "
        let repeated = String(repeating: sentence, count: messageBytes / sentence.utf8.count + 1)
        return String(repeated.prefix(messageBytes))
    }
}
