internal import Stateline
internal import StatelineModels
internal import StatelineUpstream

/// A session of some turns with an upstream of its own.
struct Demo {
    let turns: Int
    let messageBytes: Int
    let boundary: Boundary
    let session: String

    /// Holds the session.
    ///
    /// - Parameter each: Called with each turn when it has ended.
    /// - Returns: The figures of all turns, and whether the upstream counted the same.
    /// - Throws: What a turn throws, and what `each` does.
    func run(_ each: (DemoTurn) throws -> Void) async throws -> DemoResult {
        var configuration = Upstream.Configuration()
        // One conversation is compared with its newest body alone, whatever the size of that.
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

    /// The prompt of a turn: as many bytes as are wanted, and different each time.
    private func message(_ number: Int) -> String {
        let sentence = "Turn \(number): what has gone before is sent again, and this is new. "
        let repeated = String(repeating: sentence, count: messageBytes / sentence.utf8.count + 1)
        return String(repeated.prefix(messageBytes))
    }
}
