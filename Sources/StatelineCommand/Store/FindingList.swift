#if Redis
internal import Foundation
internal import StatelineRedis

/// The findings of a check, as text and as JSON.
struct FindingList: Encodable {
    private struct Line: Encodable {
        var severity: String
        var subject: String
        var found: String
        var advice: String
    }

    private let url: String
    private let findings: [Line]

    init(_ findings: [StoreFinding], of url: RedisURL) {
        self.url = url.description
        self.findings = findings.map {
            Line(severity: $0.severity.rawValue, subject: $0.subject, found: $0.found, advice: $0.advice)
        }
    }

    /// `true` if sessions cannot be kept on the server.
    var hasProblem: Bool { findings.contains { $0.severity == StoreFinding.Severity.problem.rawValue } }

    /// One object on one line.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Writes a line for each finding, and the advice below it.
    func write(to terminal: Terminal) throws {
        try terminal.writeLine(terminal.styled(url, .bold))
        for line in findings {
            let mark = line.severity == StoreFinding.Severity.fine.rawValue ? "ok" : line.severity
            let padding = String(repeating: " ", count: max(1, 9 - mark.count))
            let subject = line.subject.padding(toLength: 14, withPad: " ", startingAt: 0)
            try terminal.writeLine(terminal.styled(mark, style(of: line)) + padding + subject + line.found)
            if !line.advice.isEmpty {
                try terminal.writeParagraph(line.advice, .dim, indent: 9)
            }
        }
    }

    private func style(of line: Line) -> Terminal.Style {
        line.severity == StoreFinding.Severity.fine.rawValue ? .dim : .warning
    }
}
#endif
