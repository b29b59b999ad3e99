internal import ArgumentParser
internal import Foundation
internal import StatelineLoad

/// `stateline report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page of load reports and comparisons, as one self-contained HTML file.",
        discussion: """
            Reads the output of 'stateline load --json' and 'Benchmarks/compare TOPIC --json', and draws latency by \
            percentile, the knee of a sweep, stages and bytes of a turn by the length of its history, replay \
            amplification by session, and comparisons with their intervals. For two loads it shows the changes with \
            their confidence intervals.

            EXAMPLES:
              stateline load --speed 1000 --duration 10 --baseline whole-state --json > a.json
              stateline report a.json                          write report.html
              stateline report before.json after.json --output change.html
              stateline report a.json --markdown               print the figures as text
              Benchmarks/compare map --json > map.json; stateline report map.json --output - > map.html

            EXIT STATUS:
              0 if the report was written; 1 if a file cannot be read, or is neither a load nor a comparison; 64 for wrong options.
            """
    )

    @Argument(help: ArgumentHelp("The files to read.", valueName: "run"))
    var runs: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; '-' is standard output (default: report.html, or - with --markdown).",
            valueName: "file"
        )
    )
    var output: String?

    @Flag(help: "Write Markdown instead of HTML.")
    var markdown = false

    func run() throws {
        let files = try runs.map { try RunFile(Self.text(of: $0), path: $0) }
        let report = try RunReport(files)
        let text = markdown ? report.markdown : report.html
        let output = output ?? (markdown ? "-" : "report.html")
        guard output != "-" else { return try Terminal().write(text) }
        do {
            try Self.write(text, to: output)
        } catch {
            throw Failure(description: "cannot write \(output): choose another file with --output")
        }
    }

    /// Writes a text: atomically to a regular file, and directly to anything else, such as a device.
    private static func write(_ text: String, to path: String) throws {
        let place = URL(filePath: path).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: place.path)
        let kind = attributes?[.type] as? FileAttributeType ?? .typeRegular
        guard kind != .typeRegular else { return try Data(text.utf8).write(to: place, options: .atomic) }
        let handle = try FileHandle(forWritingTo: place)
        defer { try? handle.close() }
        try handle.write(contentsOf: Data(text.utf8))
    }

    private static func text(of path: String) throws -> String {
        let place = URL(filePath: path).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: place.path)
        guard attributes?[.type] as? FileAttributeType != .typeDirectory else {
            throw Failure(description: "\(path) is a folder: name the files in it that are to be read")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                description: "cannot read \(path): make it with 'stateline load --json > \(path)' first"
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// An error of a file that cannot be read or written.
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
