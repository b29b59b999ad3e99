extension Entry {
    /// The origin of an entry's content.
    @nonexhaustive
    public enum Author: String, Hashable, Sendable, Codable {
        /// The program that owns the session: instructions, and summaries that it made.
        case application
        /// The user.
        case user
        /// The model.
        case model
        /// A tool.
        case tool
    }

    /// The origin of the entry's content, as far as the core can hold it.
    ///
    /// A prompt makes a user's entry whatever its text says, a tool's output a tool's one, and an answer with entries of
    /// others than the model is refused. Only the creation of a session, a change of its settings and an edit of its view
    /// write the application's entries; do not pass a client's entries to these.
    public var author: Author {
        switch content {
        case .instructions, .compaction: .application
        case .prompt: .user
        case .reasoning, .toolCalls, .response: .model
        case .toolOutput: .tool
        }
    }
}
