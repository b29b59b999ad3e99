package import Stateline

/// Turns of one process on a session that another process writes to at the same time, with failing calls between.
package struct TurnWriter: Sendable {
    /// The results of the calls.
    package struct Outcome: Sendable {
        /// Answers that were committed by their own turn.
        package var committed = 0
        /// Answers that were refused because the view had changed, and were merged from their draft.
        package var merged = 0
        /// Calls that failed.
        package var failed = 0
        /// Round trips of the turns that committed.
        package var roundTrips = 0

        /// Makes an empty outcome.
        package init() {}
    }

    private let session: ModelSession
    private let name: String

    /// Opens the session.
    ///
    /// - Parameters:
    ///   - key: The session; it is created if it is absent.
    ///   - name: The writer's name, with which its prompts begin.
    ///   - store: The store.
    /// - Throws: ``SessionError`` if the session cannot be opened.
    package init(_ key: SessionKey, name: String, store: any SessionStore) async throws {
        let model = FunctionModel { request in
            if request.transcript.last?.text == "fail" {
                throw ModelError.rateLimited(retryAfter: nil, message: "slow down")
            }
            return .text("answer")
        }
        // Each call that fails is one record of the ledger.
        let configuration = SessionConfiguration(retries: .none)
        self.session = try await Boundary(store: store).session(key, model: model, configuration: configuration)
        self.name = name
    }

    /// Takes turns, each after a call that fails.
    ///
    /// - Parameters:
    ///   - count: The number of failing calls, and of turns.
    ///   - isAnswered: `false` if all calls fail, and there are no turns.
    /// - Returns: The results of the calls.
    /// - Throws: An error without a draft.
    package func write(_ count: Int, isAnswered: Bool = true) async throws -> Outcome {
        var outcome = Outcome()
        for number in 0..<count {
            do throws(SessionError) { try await session.respond(to: "fail") } catch {
                guard case .model = error else { throw error }
                outcome.failed += 1
            }
            if isAnswered { try await ask("\(name)-\(number)", &outcome) }
        }
        return outcome
    }

    /// Takes turns without a failing call between.
    package func ask(_ count: Int) async throws -> Outcome {
        var outcome = Outcome()
        for number in 0..<count { try await ask("\(name)-\(number)", &outcome) }
        return outcome
    }

    private func ask(_ prompt: String, _ outcome: inout Outcome) async throws {
        do throws(SessionError) {
            outcome.roundTrips += try await session.respond(to: prompt).trace.storeRoundTrips
            outcome.committed += 1
        } catch {
            guard case .notCommitted(let failure) = error else { throw error }
            try await session.commit(failure.draft)
            outcome.merged += 1
        }
    }
}
