/// The cost of a step.
struct StepCost {
    /// Time.
    var milliseconds: Double
    /// CPU time of the process and of its server, in milliseconds.
    var cpu: Double

    /// Divides the cost of several steps.
    static func / (cost: StepCost, steps: Int) -> StepCost {
        StepCost(milliseconds: cost.milliseconds / Double(steps), cpu: cost.cpu / Double(steps))
    }
}

/// One side of the comparison, which runs turns of steps and measures them.
protocol StepContender {
    /// Its name in the report.
    var name: String { get }

    /// Runs one or more turns and returns the cost of a step.
    func measure(steps: Int) async throws -> StepCost

    /// Runs a turn and returns the number of requests to the server for each step; `nil` without a server.
    func countRequests(steps: Int) async throws -> Double?
}
