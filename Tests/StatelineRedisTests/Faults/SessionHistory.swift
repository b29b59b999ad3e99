import NIOConcurrencyHelpers
import Stateline
import StatelineTesting

/// What turns saw of their sessions: each must begin with all that was acknowledged before it.
final class SessionHistory: Sendable {
    private struct State {
        var acknowledged: [SessionKey: Set<String>] = [:]
        var violations: [String] = []
        var turns = 0
    }

    private let state = NIOLockedValueBox(State())

    /// What was wrong.
    var violations: [String] { state.withLockedValue(\.violations) }
    /// How many turns were acknowledged.
    var turns: Int { state.withLockedValue(\.turns) }

    /// Makes a turn, and again where others were faster.
    func turn(_ prompt: String, on key: SessionKey, _ boundary: Boundary) async throws {
        while true {
            let before = state.withLockedValue { $0.acknowledged[key, default: []] }
            do {
                try await attempt(prompt, on: key, boundary, before: before)
                return
            } catch let error as SessionError {
                guard case .notCommitted(let failure) = error, case .stale = failure.reason else { throw error }
            }
        }
    }

    private func attempt(_ prompt: String, on key: SessionKey, _ boundary: Boundary, before: Set<String>) async throws {
        let model = FunctionModel { request in
            self.saw(request.transcript.map(\.text), of: key, before: before)
            return .text("answer to \(prompt)")
        }
        let session = try await boundary.session(key, model: model)
        try await session.respond(to: prompt)
        state.withLockedValue { state in
            state.turns += 1
            state.acknowledged[key, default: []].insert(prompt)
        }
    }

    /// A turn began with these.
    private func saw(_ shown: [String], of key: SessionKey, before: Set<String>) {
        state.withLockedValue { state in
            let missing = before.subtracting(shown)
            if !missing.isEmpty { state.violations.append("\(key): a turn began without \(missing)") }
            if Set(shown).count != shown.count { state.violations.append("\(key): an entry is there twice") }
        }
    }
}
