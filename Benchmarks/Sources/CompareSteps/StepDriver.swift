internal import Stateline

/// A way to run a turn of ours whose steps are durable one by one.
protocol StepDriver: Sendable {
    /// Runs a turn of a new session, or continues the turn of a session whose process has died.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - steps: The number of steps: answers of the model and outputs of tools in turn, 1 KiB each.
    ///   - work: The work of a step.
    /// - Returns: The number of steps that the session keeps.
    /// - Throws: The error of the session.
    func run(_ key: SessionKey, steps: Int, work: StepWork) async throws -> Int
}

/// The error of a turn that ended without some of its steps.
struct MissingSteps: Error, CustomStringConvertible {
    /// The steps that the session keeps.
    let kept: Int
    /// The steps of the turn.
    let steps: Int

    var description: String { "the session keeps \(kept) steps, of \(steps)" }
}
