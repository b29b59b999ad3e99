/// What is wrong with a trace.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1; `nil` where it is the file as a whole.
    public let line: Int?
    /// What is wrong, for people.
    public let reason: String

    /// Makes an error.
    public init(line: Int? = nil, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    /// What is wrong and where, in one line.
    public var description: String {
        line.map { "line \($0) of the trace: \(reason)" } ?? "the trace: \(reason)"
    }
}
