/// An error in a trace.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1; `nil` if the error concerns the whole file.
    public let line: Int?
    /// The description of the error.
    public let reason: String

    /// Makes an error.
    public init(line: Int? = nil, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    /// The description with the line.
    public var description: String {
        line.map { "line \($0) of the trace: \(reason)" } ?? "the trace: \(reason)"
    }
}
