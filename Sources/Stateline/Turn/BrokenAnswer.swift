/// The text that had come of an answer that broke off.
struct BrokenAnswer: Sendable {
    /// The answer, with ``FinishReason/incomplete`` as its reason, and without tool calls.
    let answer: Answer
    /// The end of its text that no part has shown.
    let unshownText: String
    /// The record of the call if the answer is kept.
    let crossing: Crossing
}
