/// Why a file is no input of a report.
public enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What lies there is not one JSON value.
    case notJSON(name: String)
    /// It is JSON, and neither a load nor a comparison.
    case unknownKind(name: String)
    /// It looks like a load or a comparison, and one of its figures is missing or is none.
    case malformed(name: String, kind: String, place: String)
    /// A report has no file.
    case nothing

    /// What is wrong, with which file, and what to do.
    public var description: String {
        switch self {
        case .notJSON(let name):
            "\(name) is not JSON: give what 'stateline load --json' or 'Benchmarks/compare TOPIC --json' printed, and "
                + "nothing else"
        case .unknownKind(let name):
            "\(name) is neither a load nor a comparison: give what 'stateline load --json' or 'Benchmarks/compare TOPIC "
                + "--json' printed"
        case .malformed(let name, let kind, let place):
            "\(name) is \(kind) whose '\(place)' is missing or not as it was written: run it again"
        case .nothing:
            "a report needs a file with what 'stateline load --json' or 'Benchmarks/compare TOPIC --json' printed"
        }
    }
}
