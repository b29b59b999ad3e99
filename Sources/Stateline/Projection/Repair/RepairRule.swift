/// A rule of a history that providers accept, by which ``RepairReport`` counts repairs.
@nonexhaustive
public enum RepairRule: String, CaseIterable, Hashable, Sendable, Codable {
    /// A tool call at the end of the history had no output: it got one that says that the call was interrupted.
    case danglingCall = "dangling_call"
    /// A tool call within the history had no output: it got one that says that the call was interrupted.
    case unansweredCall = "unanswered_call"
    /// An output had no call: it was taken out.
    case orphanedOutput = "orphaned_output"
    /// An output stood before everything but instructions, and had no call: it was taken out.
    case leadingOutput = "leading_output"
    /// A call had several outputs: those after the first one were taken out.
    case duplicatedOutput = "duplicated_output"
    /// Calls of one step had the same id: an equal call was taken out, another one was given an id of its own.
    case duplicatedCall = "duplicated_call"
    /// An output did not stand right behind its call: it was moved there.
    case misorderedOutput = "misordered_output"
    /// The arguments of a call were not a JSON object: they are one now, which holds the former text.
    case truncatedArguments = "truncated_arguments"
    /// A reasoning had no response and no tool call after it: it was taken out.
    case reasoningWithoutItem = "reasoning_without_item"
    /// An answer had no content: it was taken out, or says that there was no answer if the model said nothing else.
    case emptyAnswer = "empty_answer"
    /// A prompt followed a prompt: an answer stands between them that says that there was none.
    case consecutivePrompts = "consecutive_prompts"
}
