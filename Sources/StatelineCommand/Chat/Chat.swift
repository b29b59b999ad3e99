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

    /// Holds the conversation until the input ends.
    func run() async throws {
        guard lines.isEditing else { return try await readAll() }
        let interrupts = await Interrupts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await interrupts.run() }
            defer { group.cancelAll() }
            try await converse(interrupts)
        }
    }

    /// Takes each line as a prompt; the first error ends it, unless the answer could be kept.
    private func readAll() async throws {
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

    /// Talks with a person: an error or Ctrl-C ends a turn, never the conversation.
    private func converse(_ interrupts: Interrupts) async throws {
        try hint("\(session.key) with \(modelName). Ctrl-C ends a turn, Ctrl-D the session.")
        while true {
            switch await lines.next(prompt: "> ") {
            case .end: return try terminal.writeLine()
            case .interrupted: try hint("\nCtrl-D ends the session.")
            case .text(let prompt) where prompt.allSatisfy(\.isWhitespace): continue
            case .text(let prompt):
                do {
                    try await interrupts.cancelling { try await turn(prompt) }
                } catch SessionError.cancelled {
                    try hint("The turn was ended; the session is as it was before.")
                } catch let error as SessionError {
                    let position = try? await keepDraft(of: error)
                    Terminal.note(position.map { kept(error, at: $0) } ?? error.description)
                }
            }
        }
    }

    /// Commits what a failed turn had received.
    ///
    /// - Returns: Where the session stands with it; `nil` if the turn had received nothing.
    private func keepDraft(of error: SessionError) async throws(SessionError) -> Position? {
        guard let draft = error.draft else { return nil }
        return try await session.commit(draft)
    }

    /// Returns the line that tells of a failure and of what is in the session nevertheless.
    private func kept(_ error: SessionError, at position: Position) -> String {
        if case .notCommitted = error { return "\(error); the answer is kept as revision \(position.revision)" }
        return "\(error); the steps before are kept as revision \(position.revision)"
    }

    /// Asks the model and shows the answer as it comes.
    private func turn(_ prompt: String) async throws {
        var line = AnswerLine.empty
        do {
            for try await part in session.streamResponse(to: prompt) {
                switch part {
                case .text(let text), .refusal(let text):
                    if line == .reasoning { try terminal.writeLine() }
                    line = .text
                    try terminal.write(terminal.harmless(text))
                case .reasoning(let text):
                    // A program that reads the answers wants the answers.
                    guard terminal.isInteractive else { continue }
                    line = .reasoning
                    try terminal.write(terminal.styled(terminal.harmless(text), .dim))
                case .toolCall, .toolOutput: continue
                case .response(let response):
                    try terminal.writeLine()
                    if showsBoundary { try hint(BoundaryLine(response, of: session.snapshot.head).text) }
                }
            }
        } catch {
            // What is shown of an answer that broke off stays, on a line of its own; a terminal shows Ctrl-C too.
            if line != .empty || Task.isCancelled { try terminal.writeLine() }
            throw error
        }
    }

    /// What stands on the line that an answer is being shown on.
    private enum AnswerLine {
        case empty
        case text
        case reasoning
    }

    private func hint(_ text: String) throws {
        try terminal.writeLine(terminal.styled(text, .dim))
    }
}
