internal import Stateline

/// A conversation with a session through standard input and output.
struct Chat: Sendable {
    let session: ModelSession
    let modelName: String
    let showsBoundary: Bool

    private let terminal = Terminal()
    private let lines = LineReader()

    init(session: ModelSession, modelName: String, showsBoundary: Bool) {
        self.session = session
        self.modelName = modelName
        self.showsBoundary = showsBoundary
    }

    /// Runs the conversation until the input ends.
    func run() async throws {
        guard lines.isEditing else { return try await readAll() }
        let interrupts = await Interrupts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await interrupts.run() }
            defer { group.cancelAll() }
            try await converse(interrupts)
        }
    }

    /// Takes each line as a prompt.
    ///
    /// The first error ends the conversation, unless the answer could be kept.
    private func readAll() async throws {
        if session.snapshot.openTurn != nil {
            Terminal.note("a turn of session \(session.key) is open; waiting until it can be continued")
            try await show(session.streamResumption())
        }
        while case .text(let prompt) = await lines.next(prompt: "") {
            guard !prompt.allSatisfy(\.isWhitespace) else { continue }
            do {
                try await turn(prompt)
            } catch let error as SessionError {
                guard let position = try? await keepDraft(of: error) else { throw error }
                Terminal.note(kept(error, at: position))
                // A complete answer that is in the session after all is no reason to end.
                guard case .notCommitted = error else { throw error }
            }
        }
    }

    /// Reads prompts from a terminal: an error or Ctrl-C ends the turn, but not the conversation.
    private func converse(_ interrupts: Interrupts) async throws {
        try hint("\(session.key) with \(modelName). Ctrl-C ends the turn, Ctrl-D the session.")
        if session.snapshot.openTurn != nil {
            try hint("A turn of the session is open: its process ended in it. /resume continues it, /discard ends it.")
        }
        while true {
            switch await lines.next(prompt: "> ") {
            case .end: return try terminal.writeLine()
            case .interrupted: try hint("\nCtrl-D ends the session.")
            case .text(let prompt) where prompt.allSatisfy(\.isWhitespace): continue
            case .text(let prompt):
                do {
                    try await interrupts.cancelling { try await obey(prompt) }
                } catch let broken as BrokenAnswer {
                    Terminal.note(broken.description)
                } catch SessionError.cancelled(draft: nil) {
                    try hint("The turn was cancelled; the session is unchanged.")
                } catch let error as SessionError {
                    let position = try? await interrupts.cancelling { try await keepDraft(of: error) }
                    Terminal.note(position.map { kept(error, at: $0) } ?? error.description)
                }
            }
        }
    }

    /// Runs a turn, or a command about the open one.
    private func obey(_ prompt: String) async throws {
        switch prompt {
        case "/resume": try await show(session.streamResumption())
        case "/discard":
            try hint(
                try await session.reap()
                    ? "The turn is ended; what it had received is in the session."
                    : "Its process may be alive. Try again in half a minute."
            )
        default: try await turn(prompt)
        }
    }

    /// The number of attempts to keep a draft, one second after another: a store that is restarted is back by then.
    private static let draftAttempts = 30

    /// Commits the part of an answer that a failed turn received.
    ///
    /// It was paid for, so a store that does not answer is waited for; Ctrl-C gives it up.
    ///
    /// - Returns: The session's position with it; `nil` if the turn received nothing.
    private func keepDraft(of error: SessionError) async throws -> Position? {
        guard let draft = error.draft else { return nil }
        var attempt = 1
        while true {
            do throws(SessionError) { return try await session.commit(draft) } catch {
                guard case .store(let failure) = error, failure.reason == .unavailable, attempt < Self.draftAttempts
                else {
                    throw error
                }
                if attempt == 1 { Terminal.note("\(failure); trying to keep the answer for \(Self.draftAttempts) s") }
                attempt += 1
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Describes a failure, and the part of the turn that is in the session nevertheless.
    private func kept(_ error: SessionError, at position: Position) -> String {
        switch error {
        case .notCommitted: return "\(error); the answer is kept as revision \(position.revision)"
        case .cancelled:
            return "the turn was cancelled; what was answered before is kept as revision \(position.revision)"
        default: break
        }
        return "\(error); the steps before it are kept as revision \(position.revision)"
    }

    /// Runs a turn and shows its answer as it arrives.
    ///
    /// - Throws: ``BrokenAnswer`` if the answer broke off and the shown part is in the session; any error of a turn.
    private func turn(_ prompt: String) async throws {
        try await show(session.streamResponse(to: prompt))
    }

    /// Shows the answer of a turn as it arrives.
    private func show(_ parts: ResponseStream<String>) async throws {
        var line = AnswerLine.empty
        var broken: BrokenAnswer?
        do {
            for try await part in parts {
                switch part {
                case .text(let text), .refusal(let text):
                    if line == .reasoning { try terminal.writeLine() }
                    line = .text
                    try terminal.write(terminal.harmless(text))
                case .reasoning(let text):
                    // A program that reads the output needs the answers only.
                    guard terminal.isInteractive else { continue }
                    line = .reasoning
                    try terminal.write(terminal.styled(terminal.harmless(text), .dim))
                case .toolCallDelta, .item, .toolCall, .toolOutput: continue
                case .response(let response):
                    try terminal.writeLine()
                    if showsBoundary { try hint(BoundaryLine(response, of: session.snapshot.head).text) }
                    if case .incomplete(let code)? = response.trace.crossings.last?.outcome {
                        broken = BrokenAnswer(code: code, revision: session.snapshot.position.revision)
                    }
                }
            }
        } catch {
            // The shown part of a broken answer stays, on a line of its own; a terminal shows Ctrl-C too.
            if line != .empty || Task.isCancelled { try terminal.writeLine() }
            throw error
        }
        if let broken { throw broken }
    }

    /// The content of the line on which an answer is being shown.
    private enum AnswerLine {
        case empty
        case text
        case reasoning
    }

    private func hint(_ text: String) throws {
        try terminal.writeLine(terminal.styled(text, .dim))
    }
}

/// An answer that broke off, and whose shown part is in the session.
private struct BrokenAnswer: Error, CustomStringConvertible {
    /// The `ModelError.code` of the fault.
    let code: String
    let revision: Revision

    var description: String {
        "the answer broke off (\(code)): what is shown is kept as revision \(revision); ask to go on, or ask again"
    }
}
