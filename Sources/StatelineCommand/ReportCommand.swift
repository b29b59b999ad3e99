internal import ArgumentParser
internal import Foundation
internal import StatelineLoad

/// `stateline report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page of loads and comparisons: one HTML file that needs nothing else.",
        discussion: """
            Reads what 'stateline load --json' and 'Benchmarks/compare TOPIC --json' printed, and draws it: latency by \
            percentile, the knee of a sweep, stages and bytes of a turn by the length of its history, replay \
            amplification by session, and comparisons with their intervals. Of two loads it says what changed, and how \
            sure that is.

            EXAMPLES:
              stateline load --speed 1000 --duration 10 --baseline whole-state --json > a.json
              stateline report a.json                          a page, as report.html
              stateline report before.json after.json --output change.html
              stateline report a.json --markdown               the same figures as text, on standard output
              Benchmarks/compare map --json > map.json; stateline report map.json --output - > map.html

            EXIT STATUS:
              0 where the report was written, 1 where a file cannot be read or is neither, 64 for wrong options.
            """
    )

    @Argument(help: ArgumentHelp("Files with the JSON of runs.", valueName: "run"))
    var runs: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the report goes; '-' for standard output. (default: report.html, and - with --markdown)",
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
            throw Failure(description: "\(output) cannot be written: choose another file with --output")
        }
    }

    /// Writes a text: to a file whole or not at all, and into what stands there if that is no file, such as a device.
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
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                description: "\(path) cannot be read: make it with 'stateline load --json > \(path)' first"
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A file that cannot be read or written.
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
