/// An error of a file that cannot be part of a report.
public enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not one JSON value.
    case notJSON(name: String)
    /// The file is JSON, but neither a load nor a comparison.
    case unknownKind(name: String)
    /// The file looks like a load or a comparison, but a member is missing or malformed.
    case malformed(name: String, kind: String, place: String)
    /// The load ended without a turn: there is nothing to show.
    case noTurns(name: String)
    /// There are no files.
    case nothing

    /// The file, the error, and what to do.
    public var description: String {
        switch self {
        case .notJSON(let name):
            "\(name) is not JSON: give the output of 'stateline load --json' or 'Benchmarks/compare TOPIC --json', and "
                + "nothing else"
        case .unknownKind(let name):
            "\(name) is neither a load nor a comparison: give the output of 'stateline load --json' or "
                + "'Benchmarks/compare TOPIC --json'"
        case .malformed(let name, let kind, let place):
            "\(name) is \(kind) whose '\(place)' is missing or malformed: run it again"
        case .noTurns(let name):
            "\(name) is a load in which no turn ended: run it again with a higher --rate or --speed, or a longer --duration"
        case .nothing:
            "a report needs a file with the output of 'stateline load --json' or 'Benchmarks/compare TOPIC --json'"
        }
    }
}
